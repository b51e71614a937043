package dev.halley.inspector.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.inspector.Snippet;
import dev.halley.websocket.Utf8Validator;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** What strangers sent, made fit for a terminal: nothing in it can steer one. */
final class Escape {
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

  private Escape() {}

  /** A text on one line. */
  static String text(String text, int most) {
    StringBuilder out = new StringBuilder();
    int shown = 0;
    for (int at = 0; at < text.length(); ) {
      int character = text.codePointAt(at);
      at += Character.charCount(character);
      if (shown++ == most) {
        return out.append('…').toString();
      }
      append(out, character);
    }
    return out.toString();
  }

  private static void append(StringBuilder out, int character) {
    switch (character) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\\' -> out.append("\\\\");
      default -> {
        switch (Character.getType(character)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.PRIVATE_USE,
              Character.SURROGATE ->
              out.append(String.format("\\u{%x}", character));
          default -> out.appendCodePoint(character);
        }
      }
    }
  }

  /** As text where it is some, else in hexadecimal. */
  static String content(Snippet content, int most) {
    if (content.length() == 0) {
      return "";
    }
    if (isText(content)) {
      String shown = text(content.text(), most);
      boolean cut = content.isCut() && !shown.endsWith("…");
      return '"' + shown + (cut ? "…" : "") + '"';
    }
    byte[] bytes = content.bytes();
    int count = Math.min(bytes.length, Math.max(1, most / 3));
    return HEX.formatHex(bytes, 0, count) + (count < content.length() ? " …" : "");
  }

  static boolean isText(Snippet content) {
    byte[] kept = content.isCut() ? content.text().getBytes(UTF_8) : content.bytes();
    if (!Utf8Validator.isValid(ByteBuffer.wrap(kept))) {
      return false;
    }
    int odd = 0;
    for (byte value : kept) {
      if (value >= 0 && value < ' ' && value != '\n' && value != '\r' && value != '\t') {
        odd++;
      }
    }
    return odd == 0;
  }
}
