package dev.halley.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Payload;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The begin of a payload as text, for people. */
final class PayloadText {
  private PayloadText() {}

  /** At most so many bytes of it; binary as hex digits. */
  static String cut(Payload payload, int mostBytes) {
    boolean binary = payload.type() == Payload.Type.BINARY;
    int length = Math.min(payload.size(), binary ? mostBytes / 8 : mostBytes);
    ByteBuffer bytes = ByteBuffer.allocate(length);
    payload.writeTo(bytes, 0, length);
    String text =
        binary
            ? HexFormat.ofDelimiter(" ").formatHex(bytes.array())
            : new String(bytes.array(), UTF_8);
    return length < payload.size() ? text + "…" : text;
  }
}
