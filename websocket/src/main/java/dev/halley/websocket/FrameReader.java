package dev.halley.websocket;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Frames in, events out (RFC 6455 sections 5.2 to 5.6).
 *
 * <p>A header that lies in the input whole is read at once; one that is cut is read byte by byte.
 * Both ways meet in the same checks, in the order of the bytes. A payload that lies in the input
 * whole stays there; one that is cut, or a part of a fragmented message, is copied aside.
 */
abstract sealed class FrameReader implements Receiver permits MessageReader {
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

  private static final int RESERVED_BITS = FrameHeader.RSV1 | FrameHeader.RSV2 | FrameHeader.RSV3;

  private final int maskBit;

  private State state = State.FIRST_BYTE;

  // of the frame
  private int firstByte;
  private int secondByte;
  private int headerBytesLeft;
  private long length;
  private int key;

  /** Null unless a control frame has come in part. */
  private @Nullable MessageAssembler control;

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
  FrameReader(int maskBit) {
    this.maskBit = maskBit;
  }

  /**
   * A message that lies in the input whole, in one frame of the shortest form, is what most inputs
   * consist of, and is taken at one look. Everything else, and all that breaks a rule but that of
   * UTF-8, is {@link Event#NEED_INPUT} and goes the other way.
   */
  abstract Event shortMessage(ByteBuffer input);

  /** What there is of data without further input; most often nothing. */
  abstract Event pending();

  /** Checks opcode and reserved bits of a data frame; if it breaks a rule, says which. */
  abstract boolean acceptsData(int opcode, int reservedBits);

  /** Checks the length of a data frame; if it breaks a rule, says which. */
  abstract boolean acceptsDataLength(long length);

  /** How many bytes of a data frame's payload are wanted at once. */
  abstract int mostAtOnce();

  /** Takes unmasked payload of a data frame from the input's position on, and moves it. */
  abstract Event data(ByteBuffer input, int available);

  @Override
  public Event receive(ByteBuffer input) {
    Event event = state == State.FIRST_BYTE ? shortMessage(input) : Event.NEED_INPUT;
    if (event != Event.NEED_INPUT) {
      return event;
    }
    event = pending();
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
    if (event == Event.NEED_INPUT || event == Event.FAILURE) {
      payloadBuffer = NO_BUFFER;
      payloadOffset = 0;
      payloadLength = 0;
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
    int reserved = value & RESERVED_BITS;
    if ((KNOWN_OPCODES & 1 << opcode) == 0) {
      return breaks(reserved == 0 ? Rule.KNOWN_OPCODE : Rule.RESERVED_BITS);
    }
    if (!isControl()) {
      return acceptsData(opcode, reserved);
    }
    if (reserved != 0) {
      return breaks(Rule.RESERVED_BITS);
    }
    if (!isFinal()) {
      return breaks(Rule.CONTROL_FINAL);
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
    return isControl() || acceptsDataLength(length);
  }

  final boolean breaks(Rule rule) {
    closeStatus = rule.status();
    return false;
  }

  final boolean isFinal() {
    return (firstByte & FrameHeader.FIN) != 0;
  }

  private boolean isControl() {
    return (firstByte & FrameHeader.CONTROL) != 0;
  }

  final int keyBytes() {
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
    int at = input.position();
    int available = (int) Math.min(length, input.remaining());
    if (!isControl()) {
      available = Math.min(available, mostAtOnce());
    }
    Masking.apply(input, at, at + available, key);
    key = Masking.after(available, key);
    length -= available;
    state = length == 0 ? State.FIRST_BYTE : State.PAYLOAD;
    return isControl() ? control(input, available) : data(input, available);
  }

  private Event control(ByteBuffer input, int available) {
    if (length > 0 && control == null) {
      control = new MessageAssembler();
    }
    if (control == null) {
      deliver(input, available);
    } else {
      control.append(input, available, FrameHeader.MAX_SHORT);
      if (length > 0) {
        return Event.NEED_INPUT;
      }
      deliver(control.take());
      control = null;
    }
    return switch (firstByte & FrameHeader.OPCODE) {
      case Opcode.PING -> Event.PING;
      case Opcode.PONG -> Event.PONG;
      default -> close();
    };
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

  /** Whether a second byte says that the frame is masked as it has to be. */
  final boolean isMaskedAsDue(int second) {
    return (second & FrameHeader.MASK) == maskBit;
  }

  /** Whether a frame has begun and hasn't ended. */
  final boolean isWithinFrame() {
    return state != State.FIRST_BYTE;
  }

  /** How many bytes of the frame's payload are still to come. */
  final long left() {
    return length;
  }

  /** Unmasks a payload behind its key; it is the payload of the event. */
  final void deliver(ByteBuffer input, int at, int available) {
    if (maskBit != 0) {
      int itsKey = BigEndian.getInt(input, at - FrameHeader.KEY_LENGTH);
      Masking.apply(input, at, at + available, itsKey);
    }
    payloadBuffer = input;
    payloadOffset = at;
    payloadLength = available;
    input.position(at + available);
  }

  /** The payload is the input's next bytes. */
  final void deliver(ByteBuffer input, int available) {
    int at = input.position();
    payloadBuffer = input;
    payloadOffset = at;
    payloadLength = available;
    input.position(at + available);
  }

  /** The payload is what stands before the buffer's position. */
  final void deliver(ByteBuffer whole) {
    payloadBuffer = whole;
    payloadOffset = 0;
    payloadLength = whole.position();
  }

  final Event fails(Rule rule) {
    closeStatus = rule.status();
    return Event.FAILURE;
  }
}
