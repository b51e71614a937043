package dev.halley.websocket;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Frames in, events out (RFC 6455 sections 5.2 to 5.6).
 *
 * <p>A header that lies in the input whole is read at once; one that is cut is read byte by byte.
 * Both ways meet in the same checks, in the order of the bytes. A payload that lies in the input
 * whole stays there; one that is cut, or a part of a fragmented message, is copied aside.
 */
final class FrameReader implements Receiver {
  private enum State {
    FIRST_BYTE,
    SECOND_BYTE,
    LENGTH,
    MASKING_KEY,
    PAYLOAD
  }

  /** Bit n is set if opcode n exists. */
  private static final int KNOWN_OPCODES =
      1 << Opcode.CONTINUATION
          | 1 << Opcode.TEXT
          | 1 << Opcode.BINARY
          | 1 << Opcode.CLOSE
          | 1 << Opcode.PING
          | 1 << Opcode.PONG;

  /** An extension that was agreed on takes its bits out of here: permessage-deflate RSV1. */
  private static final int RESERVED_BITS = FrameHeader.RSV1 | FrameHeader.RSV2 | FrameHeader.RSV3;

  private static final int NO_MESSAGE = 0;

  private final MessageLimits limits;
  private final int maskBit;

  private State state = State.FIRST_BYTE;

  // of the frame
  private int firstByte;
  private int secondByte;
  private int headerBytesLeft;
  private long length;
  private int key;
  private int payloadLeft;
  private final MessageAssembler control = new MessageAssembler();

  // of the message, which control frames may interrupt
  private int messageOpcode = NO_MESSAGE;
  private int text = Utf8Validator.COMPLETE;
  private final MessageAssembler message = new MessageAssembler();

  // of the last event
  private ByteBuffer payloadBuffer = NO_BUFFER;
  private int payloadOffset;
  private int payloadLength;
  private CloseStatus closeStatus = CloseStatus.NONE;

  /**
   * A reader at a connection's begin.
   *
   * @param maskBit {@link FrameHeader#MASK} if the peer is a client, else 0
   */
  FrameReader(MessageLimits limits, int maskBit) {
    this.limits = limits;
    this.maskBit = maskBit;
  }

  @Override
  public Event receive(ByteBuffer input) {
    payloadBuffer = NO_BUFFER;
    payloadOffset = 0;
    payloadLength = 0;
    Event event = Event.NEED_INPUT;
    while (event == Event.NEED_INPUT && input.hasRemaining()) {
      event =
          switch (state) {
            case FIRST_BYTE -> header(input);
            case SECOND_BYTE -> secondByte(input);
            case LENGTH -> lengthByte(input);
            case MASKING_KEY -> maskingKeyByte(input);
            case PAYLOAD -> payload(input);
          };
    }
    return event;
  }

  @Override
  public ByteBuffer payloadBuffer() {
    return payloadBuffer;
  }

  @Override
  public int payloadOffset() {
    return payloadOffset;
  }

  @Override
  public int payloadLength() {
    return payloadLength;
  }

  @Override
  public CloseStatus closeStatus() {
    return closeStatus;
  }

  // ---- headers that are whole

  private Event header(ByteBuffer input) {
    int at = input.position();
    if (input.remaining() < 2) {
      return firstByte(input);
    }
    int second = input.get(at + 1) & 0xff;
    int lengthBytes = lengthBytes(second);
    int end = at + 2 + lengthBytes + keyBytes();
    if (end > input.limit()) {
      return firstByte(input);
    }
    if (!acceptsFirstByte(input.get(at) & 0xff) || !acceptsSecondByte(second)) {
      return Event.FAILURE;
    }
    if (lengthBytes == 2) {
      length = BigEndian.getShort(input, at + 2);
    } else if (lengthBytes == 8) {
      length = BigEndian.getLong(input, at + 2);
    }
    if (!acceptsLength()) {
      return Event.FAILURE;
    }
    if (maskBit != 0) {
      key = BigEndian.getInt(input, end - FrameHeader.KEY_LENGTH);
    }
    input.position(end);
    return payload(input);
  }

  // ---- headers that are cut

  private Event firstByte(ByteBuffer input) {
    state = State.SECOND_BYTE;
    return acceptsFirstByte(input.get() & 0xff) ? Event.NEED_INPUT : Event.FAILURE;
  }

  private Event secondByte(ByteBuffer input) {
    if (!acceptsSecondByte(input.get() & 0xff)) {
      return Event.FAILURE;
    }
    headerBytesLeft = lengthBytes(secondByte);
    if (headerBytesLeft == 0) {
      return afterLength(input);
    }
    state = State.LENGTH;
    return Event.NEED_INPUT;
  }

  private Event lengthByte(ByteBuffer input) {
    length = length << 8 | (input.get() & 0xff);
    return --headerBytesLeft == 0 ? afterLength(input) : Event.NEED_INPUT;
  }

  private Event afterLength(ByteBuffer input) {
    if (!acceptsLength()) {
      return Event.FAILURE;
    }
    headerBytesLeft = keyBytes();
    if (headerBytesLeft == 0) {
      return payload(input);
    }
    state = State.MASKING_KEY;
    return Event.NEED_INPUT;
  }

  private Event maskingKeyByte(ByteBuffer input) {
    key = key << 8 | (input.get() & 0xff);
    return --headerBytesLeft == 0 ? payload(input) : Event.NEED_INPUT;
  }

  // ---- what both ways check, in the order of the bytes

  private boolean acceptsFirstByte(int value) {
    firstByte = value;
    int opcode = value & FrameHeader.OPCODE;
    if ((value & RESERVED_BITS) != 0) {
      return breaks(Rule.RESERVED_BITS);
    }
    if ((KNOWN_OPCODES & 1 << opcode) == 0) {
      return breaks(Rule.KNOWN_OPCODE);
    }
    if (isControl()) {
      if (!isFinal()) {
        return breaks(Rule.CONTROL_FINAL);
      }
    } else if (opcode == Opcode.CONTINUATION) {
      if (messageOpcode == NO_MESSAGE) {
        return breaks(Rule.CONTINUES_SOMETHING);
      }
    } else if (messageOpcode == NO_MESSAGE) {
      messageOpcode = opcode;
    } else {
      return breaks(Rule.ONE_MESSAGE_AT_A_TIME);
    }
    return true;
  }

  private boolean acceptsSecondByte(int value) {
    secondByte = value;
    int shortLength = value & FrameHeader.LENGTH;
    if ((value & FrameHeader.MASK) != maskBit) {
      return breaks(maskBit == 0 ? Rule.SERVER_MASKS_NOT : Rule.CLIENT_MASKS);
    }
    if (shortLength <= FrameHeader.MAX_SHORT) {
      length = shortLength;
      return true;
    }
    if (isControl()) {
      return breaks(Rule.CONTROL_SHORT);
    }
    length = 0;
    return true;
  }

  private boolean acceptsLength() {
    if (length < 0) {
      return breaks(Rule.POSITIVE_LENGTH);
    }
    if (length < shortest(secondByte)) {
      return breaks(Rule.SHORTEST_LENGTH);
    }
    if (!isControl()) {
      if (length > limits.frame()) {
        return breaks(Rule.FRAME_LIMIT);
      }
      if (length > limits.message() - message.length()) {
        return breaks(Rule.MESSAGE_LIMIT);
      }
    }
    payloadLeft = (int) length;
    return true;
  }

  private boolean breaks(Rule rule) {
    closeStatus = rule.status();
    return false;
  }

  private boolean isFinal() {
    return (firstByte & FrameHeader.FIN) != 0;
  }

  private boolean isControl() {
    return (firstByte & FrameHeader.CONTROL) != 0;
  }

  private int keyBytes() {
    return maskBit == 0 ? 0 : FrameHeader.KEY_LENGTH;
  }

  /** How many bytes of length follow the second byte. */
  private static int lengthBytes(int secondByte) {
    return switch (secondByte & FrameHeader.LENGTH) {
      case FrameHeader.IN_2_BYTES -> 2;
      case FrameHeader.IN_8_BYTES -> 8;
      default -> 0;
    };
  }

  /** The least length that may be said in this form. */
  private static int shortest(int secondByte) {
    return switch (secondByte & FrameHeader.LENGTH) {
      case FrameHeader.IN_2_BYTES -> FrameHeader.MAX_SHORT + 1;
      case FrameHeader.IN_8_BYTES -> FrameHeader.MAX_IN_2_BYTES + 1;
      default -> 0;
    };
  }

  // ---- payloads

  private Event payload(ByteBuffer input) {
    state = State.PAYLOAD;
    int at = input.position();
    int available = Math.min(payloadLeft, input.remaining());
    Masking.apply(input, at, at + available, key);
    key = Masking.after(available, key);
    payloadLeft -= available;
    return isControl() ? control(input, available) : data(input, available);
  }

  private Event control(ByteBuffer input, int available) {
    if (payloadLeft > 0 || control.length() > 0) {
      control.append(input, available, FrameHeader.MAX_SHORT);
    }
    if (payloadLeft > 0) {
      return Event.NEED_INPUT;
    }
    deliver(control, input, available);
    return switch (firstByte & FrameHeader.OPCODE) {
      case Opcode.PING -> Event.PING;
      case Opcode.PONG -> Event.PONG;
      default -> close();
    };
  }

  private Event data(ByteBuffer input, int available) {
    int at = input.position();
    if (messageOpcode == Opcode.TEXT) {
      text = Utf8Validator.advance(text, input, at, at + available);
      if (text == Utf8Validator.BROKEN) {
        return fails(Rule.TEXT_IS_UTF_8);
      }
    }
    boolean complete = payloadLeft == 0 && isFinal();
    if (!complete || message.length() > 0) {
      int most = isFinal() ? message.length() + available + payloadLeft : limits.message();
      message.append(input, available, most);
    }
    if (complete) {
      return endOfMessage(input, available);
    }
    if (payloadLeft == 0) {
      state = State.FIRST_BYTE;
    }
    return Event.NEED_INPUT;
  }

  private Event endOfMessage(ByteBuffer input, int available) {
    if (text != Utf8Validator.COMPLETE) {
      return fails(Rule.TEXT_IS_UTF_8);
    }
    deliver(message, input, available);
    Event event = messageOpcode == Opcode.TEXT ? Event.TEXT : Event.BINARY;
    messageOpcode = NO_MESSAGE;
    return event;
  }

  private Event close() {
    if (payloadLength == 0) {
      return Event.CLOSE;
    }
    if (payloadLength == 1) {
      return fails(Rule.CLOSE_CODE_WHOLE);
    }
    int code = BigEndian.getShort(payloadBuffer, payloadOffset);
    if (!CloseCode.isValidOnWire(code)) {
      return fails(Rule.CLOSE_CODE_VALID);
    }
    byte[] reason = new byte[payloadLength - 2];
    payloadBuffer.get(payloadOffset + 2, reason);
    if (!Utf8Validator.isValid(ByteBuffer.wrap(reason))) {
      return fails(Rule.CLOSE_REASON_IS_UTF_8);
    }
    closeStatus = new CloseStatus(code, new String(reason, StandardCharsets.UTF_8));
    return Event.CLOSE;
  }

  /** The payload is what was assembled, if anything was, else the input's next bytes. */
  private void deliver(MessageAssembler assembled, ByteBuffer input, int available) {
    state = State.FIRST_BYTE;
    payloadLength = assembled.length();
    if (payloadLength > 0) {
      payloadBuffer = assembled.take();
    } else {
      payloadBuffer = input;
      payloadOffset = input.position();
      payloadLength = available;
      input.position(payloadOffset + available);
    }
  }

  private Event fails(Rule rule) {
    closeStatus = rule.status();
    return Event.FAILURE;
  }
}
