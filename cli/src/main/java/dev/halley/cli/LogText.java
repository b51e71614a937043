package dev.halley.cli;

/** Text that others gave, on one line and without what a terminal obeys. */
final class LogText {
  private LogText() {}

  /** The text with what isn't plain as {@code \n} or {@code \u001b}, and backslashes doubled. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    appendEscaped(out, text);
    return out.toString();
  }

  /** The text with what a terminal obeys as {@code \\u001b}; lines and all else stay. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\n' || isPlain(text, i)) {
        out.append(text.charAt(i));
      } else {
        out.append(String.format("\\u%04x", (int) text.charAt(i)));
      }
    }
    return out.toString();
  }

  /** JSON on one line: between its values line ends are blanks, and within strings are none. */
  static String printableJson(String json) {
    return printable(json.replace('\n', ' ').replace('\r', ' ').replace('\t', ' '));
  }

  /** Appends {@link #escaped}. */
  static void appendEscaped(StringBuilder out, String text) {
    for (int i = 0; i < text.length(); i++) {
      appendEscaped(out, text, i);
    }
  }

  /** Appends a JSON string with its quotes. */
  static void appendJson(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '"') {
        out.append("\\\"");
      } else {
        appendEscaped(out, text, i);
      }
    }
    out.append('"');
  }

  private static void appendEscaped(StringBuilder out, String text, int index) {
    char c = text.charAt(index);
    switch (c) {
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (isPlain(text, index)) {
          out.append(c);
        } else {
          out.append(String.format("\\u%04x", (int) c));
        }
      }
    }
  }

  private static boolean isPlain(String text, int index) {
    char c = text.charAt(index);
    if (Character.isHighSurrogate(c)) {
      return index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
