package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Bytes that a side receives: whole, cut at every byte, and byte by byte, in buffers of each kind.
 * Whatever the cuts and the buffers, the events must be the same.
 */
final class Input {
  private static final byte GARBAGE = 0x5a;

  private static final List<IntFunction<ByteBuffer>> BUFFERS =
      List.of(
          size -> ByteBuffer.allocate(size + 3).slice(3, size),
          ByteBuffer::allocateDirect,
          size -> ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN));

  private final Side side;
  private final byte[] bytes;
  private MessageLimits limits = new MessageLimits(1 << 20, 1 << 20);

  private Input(Side side, byte[] bytes) {
    this.side = side;
    this.bytes = bytes;
  }

  /** Frames as in {@link Side}. */
  static Input of(Side side, String... frames) {
    return new Input(side, side.received(frames));
  }

  /** Hex that is given to the side as it is. */
  static Input raw(Side side, String hex) {
    return new Input(side, Side.hex(hex));
  }

  Input within(int frame, int message) {
    limits = new MessageLimits(frame, message);
    return this;
  }

  /**
   * Events as {@code TEXT Hello}, {@code BINARY 00ff}, {@code PING 00}, {@code PONG 00}, {@code
   * CLOSE 1000 reason}, {@code FAILURE 1002 rule}.
   */
  void gives(String... events) {
    check(List.of(events), null);
  }

  /** Also checks all replies: frames as in {@link Side}. */
  void givesWithReplies(List<String> events, String... replies) {
    check(events, side.peer().received(replies));
  }

  private void check(List<String> events, byte[] replies) {
    for (IntFunction<ByteBuffer> buffers : BUFFERS) {
      for (int cut = 0; cut < Math.max(1, bytes.length); cut++) {
        run(buffers, List.of(0, cut, bytes.length), events, replies);
      }
      List<Integer> everywhere = new ArrayList<>();
      for (int cut = 0; cut <= bytes.length; cut++) {
        everywhere.add(cut);
      }
      run(buffers, everywhere, events, replies);
    }
  }

  private void run(
      IntFunction<ByteBuffer> buffers, List<Integer> cuts, List<String> events, byte[] replies) {
    WebSocketProtocol protocol = side.protocol(limits);
    ByteBuffer out = ByteBuffer.allocate(bytes.length + 2 * WebSocketProtocol.MAX_CONTROL_LENGTH);
    List<String> happened = new ArrayList<>();
    for (int i = 1; i < cuts.size(); i++) {
      ByteBuffer input = piece(buffers, cuts.get(i - 1), cuts.get(i));
      for (Event event = protocol.receive(input);
          event != Event.NEED_INPUT;
          event = protocol.receive(input)) {
        happened.add(describe(event, protocol));
        int before = out.position();
        int length = protocol.replyLength();
        protocol.writeReply(out);
        assertThat(out.position() - before).isEqualTo(length);
        assertThat(protocol.replyLength()).isZero();
      }
      assertThat(input.hasRemaining()).isFalse();
      overwrite(input);
    }
    assertThat(happened).as("cut at %s", cuts).containsExactlyElementsOf(events);
    if (replies != null) {
      assertThat(Arrays.copyOf(out.array(), out.position())).isEqualTo(replies);
    }
  }

  /** Somewhere in a buffer that has other bytes around it. */
  private ByteBuffer piece(IntFunction<ByteBuffer> buffers, int from, int to) {
    ByteBuffer buffer = buffers.apply(to - from + 12);
    overwrite(buffer);
    return buffer.put(5, bytes, from, to - from).limit(5 + to - from).position(5);
  }

  private static void overwrite(ByteBuffer buffer) {
    for (int i = 0; i < buffer.limit(); i++) {
      buffer.put(i, GARBAGE);
    }
  }

  private static String describe(Event event, WebSocketProtocol protocol) {
    return switch (event) {
      case NEED_INPUT -> throw new AssertionError();
      case TEXT -> event + " " + new String(payload(protocol), StandardCharsets.UTF_8);
      case TEXT_PART, BINARY_PART, BINARY, PING, PONG ->
          event + " " + HexFormat.of().formatHex(payload(protocol));
      case CLOSE, FAILURE -> event + " " + protocol.closeCode() + " " + protocol.closeReason();
    };
  }

  private static byte[] payload(WebSocketProtocol protocol) {
    byte[] payload = new byte[protocol.payloadLength()];
    protocol.payloadBuffer().get(protocol.payloadOffset(), payload);
    assertThat(protocol.payload()).isEqualTo(ByteBuffer.wrap(payload));
    return payload;
  }
}
