package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** What a connection holds of messages is asked for before it is allocated. */
class MessageMemoryTest {
  private static final MessageLimits LIMITS = new MessageLimits(1 << 20, 1 << 20);
  private static final Compression COMPRESSION =
      new Compression(DeflateParameters.NO_CONTEXT_TAKEOVER, new DeflatePool(6), 1);

  /** Allows so much, and notes the last and the largest that it was asked for. */
  private static final class Budget implements MessageMemory {
    private final long most;
    private long last;
    private long largest;

    Budget(long most) {
      this.most = most;
    }

    @Override
    public boolean mayHold(long bytes) {
      largest = Math.max(largest, bytes);
      if (bytes > most) {
        return false;
      }
      last = bytes;
      return true;
    }
  }

  private static WebSocketProtocol server(Budget budget) {
    return WebSocketProtocol.server(
        new ProtocolOptions(LIMITS, false, Optional.of(COMPRESSION), budget));
  }

  private static Event receive(WebSocketProtocol server, String... frames) {
    Event last = Event.NEED_INPUT;
    ByteBuffer input = ByteBuffer.wrap(Side.SERVER.received(frames));
    for (Event event = server.receive(input);
        event != Event.NEED_INPUT;
        event = server.receive(input)) {
      last = event;
    }
    return last;
  }

  private static void failsForMemory(WebSocketProtocol server, Event last) {
    assertThat(last).isEqualTo(Event.FAILURE);
    assertThat(server.closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
    assertThat(server.closeReason())
        .isEqualTo("What this endpoint holds of all messages must not exceed its memory.");
  }

  @Test
  void aMessageThatIsWholeAsksForNothing() {
    Budget budget = new Budget(0);
    assertThat(receive(server(budget), "8105|48656c6c6f")).isEqualTo(Event.TEXT);
    assertThat(budget.largest).isZero();
  }

  @Test
  void whatIsHeldIsWhatIsAllocatedForIt() {
    Budget budget = new Budget(1 << 20);
    WebSocketProtocol server = server(budget);
    receive(server, "0264|" + "ab".repeat(100));
    assertThat(budget.last).isEqualTo(200);
    receive(server, "0001|ab");
    assertThat(budget.last).isEqualTo(200);
    receive(server, "0064|" + "ab".repeat(100));
    assertThat(budget.last).isEqualTo(402);
    // While the larger one is filled, the smaller one is there, too.
    assertThat(budget.largest).isEqualTo(602);
  }

  @Test
  void aMessageThatThereIsNoMemoryForEndsTheConnection() {
    WebSocketProtocol server = server(new Budget(500));
    assertThat(receive(server, "0264|" + "ab".repeat(100))).isEqualTo(Event.NEED_INPUT);
    failsForMemory(server, receive(server, "0064|" + "ab".repeat(100), "0001|ab"));
  }

  @Test
  void fragmentsOfOneByteMoveWhatWasThereSeldom() {
    Budget budget = new Budget(1 << 20);
    int[] asked = {0};
    WebSocketProtocol server =
        WebSocketProtocol.server(
            new ProtocolOptions(
                LIMITS,
                false,
                Optional.empty(),
                bytes -> {
                  asked[0]++;
                  return budget.mayHold(bytes);
                }));
    receive(server, "0201|ab");
    for (int i = 0; i < 100_000; i++) {
      receive(server, "0001|ab");
    }
    assertThat(budget.last).isLessThanOrEqualTo(2 * 100_001);
    assertThat(asked[0]).isLessThan(40);
  }

  @Test
  void whatIsInflatedIsAskedForBeforeItIsAllocated() {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(new byte[1 << 20]);
    byte[] compressed = new byte[4096];
    int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH) - 4;
    deflater.end();
    StringBuilder frame = new StringBuilder("c27e" + "%04x".formatted(length) + "|");
    for (int i = 0; i < length; i++) {
      frame.append("%02x".formatted(compressed[i]));
    }
    Budget enough = new Budget(2 << 20);
    assertThat(receive(server(enough), frame.toString())).isEqualTo(Event.BINARY);
    assertThat(enough.largest).isGreaterThan(1 << 20);
    WebSocketProtocol small = server(new Budget(200_000));
    failsForMemory(small, receive(small, frame.toString()));
    // What comes next finds nothing left of it.
    assertThat(receive(server(enough), "8105|48656c6c6f")).isEqualTo(Event.TEXT);
  }

  @Test
  void itIsKnownWhetherAMessageIsUnderWay() {
    WebSocketProtocol server = server(new Budget(1 << 20));
    assertThat(server.isWithinMessage()).isFalse();
    receive(server, "0101|61");
    assertThat(server.isWithinMessage()).isTrue();
    receive(server, "8900|");
    assertThat(server.isWithinMessage()).isTrue();
    receive(server, "0000|");
    assertThat(server.isWithinMessage()).isTrue();
    receive(server, "8000|");
    assertThat(server.isWithinMessage()).isFalse();
    receive(server, "81");
    assertThat(server.isWithinMessage()).isTrue();
    WebSocketProtocol pinged = server(new Budget(1 << 20));
    receive(pinged, "89");
    assertThat(pinged.isWithinMessage()).isTrue();
  }

  /** What there is for all may shrink between the two questions. */
  @Test
  void theLargerOneAloneIsAskedForToo() {
    long[] last = {0};
    WebSocketProtocol server =
        WebSocketProtocol.server(
            new ProtocolOptions(
                LIMITS,
                false,
                Optional.empty(),
                bytes -> {
                  boolean grows = bytes >= last[0];
                  last[0] = bytes;
                  return grows;
                }));
    assertThat(receive(server, "0264|" + "ab".repeat(100))).isEqualTo(Event.NEED_INPUT);
    failsForMemory(server, receive(server, "0065|" + "ab".repeat(101)));
    assertThat(last[0]).isGreaterThan(200);
  }
}
