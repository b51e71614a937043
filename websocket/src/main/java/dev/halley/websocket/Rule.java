package dev.halley.websocket;

/**
 * What a peer can do wrong in an open connection, and how that is answered: each rule of RFC 6455
 * and RFC 7692 that this module holds its peer to, and the limits it may set.
 */
public enum Rule {
  /** RSV1, RSV2 and RSV3 are 0. */
  RESERVED_BITS(
      "RFC 6455 section 5.2",
      CloseCode.PROTOCOL_ERROR,
      "Reserved bits must be 0 unless an extension gives them a meaning."),

  /** Opcodes 3 to 7 and 11 to 15 are unused. */
  KNOWN_OPCODE(
      "RFC 6455 section 5.2", CloseCode.PROTOCOL_ERROR, "Reserved opcodes must not be used."),

  /** Close, ping and pong have FIN. */
  CONTROL_FINAL("RFC 6455 section 5.5", CloseCode.PROTOCOL_ERROR, "Control frames must be final."),

  /** Close, ping and pong are short. */
  CONTROL_SHORT(
      "RFC 6455 section 5.5",
      CloseCode.PROTOCOL_ERROR,
      "Control frames must not exceed 125 bytes of payload."),

  /** No continuation without a first frame. */
  CONTINUES_SOMETHING(
      "RFC 6455 section 5.4",
      CloseCode.PROTOCOL_ERROR,
      "Continuation frames must continue a message that has begun."),

  /** No first frame within a message. */
  ONE_MESSAGE_AT_A_TIME(
      "RFC 6455 section 5.4",
      CloseCode.PROTOCOL_ERROR,
      "A message must not begin before the one before it has ended."),

  /** A client masks. */
  CLIENT_MASKS(
      "RFC 6455 section 5.1", CloseCode.PROTOCOL_ERROR, "Client-sent frames must be masked."),

  /** A server does not. */
  SERVER_MASKS_NOT(
      "RFC 6455 section 5.1", CloseCode.PROTOCOL_ERROR, "Server-sent frames must not be masked."),

  /** No length in a longer form than it needs. */
  SHORTEST_LENGTH(
      "RFC 6455 section 5.2",
      CloseCode.PROTOCOL_ERROR,
      "Lengths must be sent in their shortest form."),

  /** No length of 2<sup>63</sup> or more. */
  POSITIVE_LENGTH(
      "RFC 6455 section 5.2",
      CloseCode.PROTOCOL_ERROR,
      "The top bit of a 64-bit length must be 0."),

  /** A frame is as large as was allowed. */
  FRAME_LIMIT(
      "RFC 6455 section 10.4",
      CloseCode.MESSAGE_TOO_BIG,
      "The frame must not exceed this endpoint's limit."),

  /** A message is as large as was allowed. */
  MESSAGE_LIMIT(
      "RFC 6455 section 10.4",
      CloseCode.MESSAGE_TOO_BIG,
      "The message must not exceed this endpoint's limit."),

  /** What all connections hold together fits the memory that there is for it. */
  MEMORY(
      "RFC 6455 section 10.4",
      CloseCode.TRY_AGAIN_LATER,
      "What this endpoint holds of all messages must not exceed its memory."),

  /** Text is UTF-8. */
  TEXT_IS_UTF_8("RFC 6455 section 8.1", CloseCode.INVALID_PAYLOAD, "Text messages must be UTF-8."),

  /** What is compressed can be inflated. */
  COMPRESSED_DATA(
      "RFC 7692 section 7.2.2",
      CloseCode.INVALID_PAYLOAD,
      "The payload of a compressed message must be DEFLATE data."),

  /** A close code has two bytes. */
  CLOSE_CODE_WHOLE(
      "RFC 6455 section 5.5.1",
      CloseCode.PROTOCOL_ERROR,
      "A close frame's payload must be empty or begin with two bytes."),

  /** A close code may be sent. */
  CLOSE_CODE_VALID(
      "RFC 6455 section 7.4",
      CloseCode.PROTOCOL_ERROR,
      "A close frame's code must be one that may be sent."),

  /** A close reason is UTF-8. */
  CLOSE_REASON_IS_UTF_8(
      "RFC 6455 section 5.5.1", CloseCode.INVALID_PAYLOAD, "A close frame's reason must be UTF-8.");

  private final String section;
  private final int closeCode;
  private final String text;

  Rule(String section, int closeCode, String text) {
    this.section = section;
    this.closeCode = closeCode;
    this.text = text;
  }

  /** Where it stands, such as {@code RFC 6455 section 5.1}. */
  public String section() {
    return section;
  }

  /** The {@link CloseCode} that a breach is answered with. */
  public int closeCode() {
    return closeCode;
  }

  /** The rule, in a sentence that fits a close frame. */
  public String text() {
    return text;
  }

  /** The close that answers a breach. */
  CloseStatus status() {
    return new CloseStatus(closeCode, text);
  }
}
