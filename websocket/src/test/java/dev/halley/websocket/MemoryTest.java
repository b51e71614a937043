package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.halley.websocket.WebSocketProtocol.Event;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a connection and a message cost in memory. */
class MemoryTest {
  private static final MessageLimits LIMITS = new MessageLimits(1 << 30, 1 << 30);
  private static final int ROUNDS = 1_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long allocatedBy(Runnable action) {
    long before = threads.getCurrentThreadAllocatedBytes();
    action.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** The counter's own first uses, class loading and the interpreter's are not counted. */
  private long allocatedWhenWarm(Runnable action) {
    long least = Long.MAX_VALUE;
    for (int warmUp = 0; warmUp < 20; warmUp++) {
      least = Math.min(least, allocatedBy(action));
    }
    return least;
  }

  @ParameterizedTest
  @EnumSource
  void aMessageInTheInputAllocatesNothing(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    byte[] wire = side.received("8105|48656c6c6f", "827e0080|" + "ab".repeat(128), "8902|0102");
    ByteBuffer input = ByteBuffer.allocateDirect(wire.length);
    ByteBuffer out = ByteBuffer.allocateDirect(200);
    long allocated =
        allocatedWhenWarm(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                input.clear().put(wire).flip();
                while (protocol.receive(input) != Event.NEED_INPUT) {
                  if (protocol.replyLength() > 0) {
                    protocol.writeReply(out.clear());
                  }
                }
              }
            });
    assertThat(allocated).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aMessageSentAllocatesNothing(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    ByteBuffer payload = ByteBuffer.allocate(1000);
    ByteBuffer out = ByteBuffer.allocateDirect(1100);
    long allocated =
        allocatedWhenWarm(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                protocol.writeText(payload.clear(), out.clear());
              }
            });
    assertThat(allocated).isZero();
  }

  private static final ProtocolOptions PLAIN = ProtocolOptions.of(LIMITS);
  private static final ProtocolOptions DEFLATING =
      PLAIN.withCompression(
          new Compression(DeflateParameters.NO_CONTEXT_TAKEOVER, new DeflatePool(6), 128));

  static Stream<Supplier<WebSocketProtocol>> connections() {
    IntSupplier keys = () -> Side.KEY;
    return Stream.of(
        () -> WebSocketProtocol.server(PLAIN),
        () -> WebSocketProtocol.client(PLAIN, keys),
        () -> WebSocketProtocol.server(DEFLATING),
        () -> WebSocketProtocol.client(DEFLATING, keys));
  }

  @ParameterizedTest
  @MethodSource("connections")
  void anIdleConnectionTakesAtMost200Bytes(Supplier<WebSocketProtocol> connection) {
    WebSocketProtocol[] connections = new WebSocketProtocol[ROUNDS];
    long allocated =
        allocatedWhenWarm(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                connections[i] = connection.get();
              }
            });
    assertThat(allocated / ROUNDS).isLessThanOrEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void anAnnouncedLengthIsNotAllocated(Side side) {
    byte[] wire = side.received("827f000000003b9aca00|" + "00".repeat(1000));
    long allocated = allocatedWhenWarm(() -> side.protocol(LIMITS).receive(ByteBuffer.wrap(wire)));
    assertThat(allocated).isLessThan(3_000);
  }
}
