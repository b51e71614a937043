package dev.halley.websocket;

/** What a peer can do wrong in an open connection, and how that is answered. */
enum Rule {
  RESERVED_BITS(
      CloseCode.PROTOCOL_ERROR,
      "Reserved bits must be 0 unless an extension gives them a meaning."),
  KNOWN_OPCODE(CloseCode.PROTOCOL_ERROR, "Reserved opcodes must not be used."),
  CONTROL_FINAL(CloseCode.PROTOCOL_ERROR, "Control frames must be final."),
  CONTROL_SHORT(CloseCode.PROTOCOL_ERROR, "Control frames must not exceed 125 bytes of payload."),
  CONTINUES_SOMETHING(
      CloseCode.PROTOCOL_ERROR, "Continuation frames must continue a message that has begun."),
  ONE_MESSAGE_AT_A_TIME(
      CloseCode.PROTOCOL_ERROR, "A message must not begin before the one before it has ended."),
  CLIENT_MASKS(CloseCode.PROTOCOL_ERROR, "Client-sent frames must be masked."),
  SERVER_MASKS_NOT(CloseCode.PROTOCOL_ERROR, "Server-sent frames must not be masked."),
  SHORTEST_LENGTH(CloseCode.PROTOCOL_ERROR, "Lengths must be sent in their shortest form."),
  POSITIVE_LENGTH(CloseCode.PROTOCOL_ERROR, "The top bit of a 64-bit length must be 0."),
  FRAME_LIMIT(CloseCode.MESSAGE_TOO_BIG, "The frame must not exceed this endpoint's limit."),
  MESSAGE_LIMIT(CloseCode.MESSAGE_TOO_BIG, "The message must not exceed this endpoint's limit."),
  TEXT_IS_UTF_8(CloseCode.INVALID_PAYLOAD, "Text messages must be UTF-8."),
  COMPRESSED_DATA(
      CloseCode.INVALID_PAYLOAD, "The payload of a compressed message must be DEFLATE data."),
  CLOSE_CODE_WHOLE(
      CloseCode.PROTOCOL_ERROR, "A close frame's payload must be empty or begin with two bytes."),
  CLOSE_CODE_VALID(CloseCode.PROTOCOL_ERROR, "A close frame's code must be one that may be sent."),
  CLOSE_REASON_IS_UTF_8(CloseCode.INVALID_PAYLOAD, "A close frame's reason must be UTF-8.");

  private final int closeCode;
  private final String text;

  Rule(int closeCode, String text) {
    this.closeCode = closeCode;
    this.text = text;
  }

  /** The close that answers a breach. */
  CloseStatus status() {
    return new CloseStatus(closeCode, text);
  }
}
