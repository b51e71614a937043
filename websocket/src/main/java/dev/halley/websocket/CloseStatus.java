package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Code and reason of a close frame (RFC 6455 section 5.5.1).
 *
 * @param code as on the wire, or {@link CloseCode#NO_STATUS} for a frame without payload
 * @param reason at most {@link #MAX_REASON_LENGTH} bytes of UTF-8
 */
record CloseStatus(int code, String reason) {
  static final CloseStatus NONE = new CloseStatus(CloseCode.NO_STATUS, "");

  private static final int CODE_LENGTH = 2;
  private static final int MAX_REASON_LENGTH = FrameHeader.MAX_SHORT - CODE_LENGTH;

  /**
   * What this endpoint wants to say; a reason that is too long loses its end.
   *
   * @throws IllegalArgumentException if the code may not be sent
   */
  static CloseStatus toSend(int code, String reason) {
    if (!CloseCode.isValidOnWire(code)) {
      throw new IllegalArgumentException("A close frame can't carry the code " + code);
    }
    byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, MAX_REASON_LENGTH);
    while (length < bytes.length && isWithinCharacter(bytes[length])) {
      length--;
    }
    return new CloseStatus(code, new String(bytes, 0, length, StandardCharsets.UTF_8));
  }

  byte[] toPayload() {
    if (code == CloseCode.NO_STATUS) {
      return new byte[0];
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[CODE_LENGTH + text.length];
    return ByteBuffer.wrap(payload).putShort((short) code).put(text).array();
  }

  private static boolean isWithinCharacter(byte value) {
    return (value & 0xc0) == 0x80;
  }
}
