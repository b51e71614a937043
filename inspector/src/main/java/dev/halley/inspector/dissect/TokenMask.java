package dev.halley.inspector.dissect;

import java.util.List;
import java.util.Locale;

/**
 * Puts {@code *} in place of each byte of what follows {@code token=} or, as JSON has it, {@code
 * "token":}, up to where such a value ends; in text that comes in pieces cut anywhere. Names that
 * end in {@code token} count, too, in capitals or small letters.
 *
 * <p>Names, equals signs and quotes are also found as {@code \}{@code u0074} and {@code %74}, in
 * JSON that is a string within JSON, and as the name of a part of a form. What opened a value says
 * what ends it: a quote that is escaped within, or a comma, doesn't. Where it can't be told, more
 * is masked rather than less.
 */
final class TokenMask {
  static final byte STAR = '*';

  private static final String NAME = "token";
  private static final int LONGEST_PART_HEAD = 512;

  /** What follows the name of a part, up to where nothing else can be meant. */
  private static final List<String> PART_BEGINS = List.of("\r\n\r", "\r\nc", "; f", ";f");

  private enum State {
    /** How much of the name was read is in {@link #matched}. */
    NAME,
    AFTER_NAME,
    AFTER_QUOTE,
    AFTER_COLON,
    /** After an equals sign, where a quote may open the value. */
    BARE_BEGIN,
    BARE,
    /** A number, {@code true}, {@code null}. */
    SCALAR,
    QUOTED,
    /** An object or an array. */
    NESTED,
    /** The fields of a part of a form (RFC 7578), whose name was read. */
    PART_HEAD,
    PART
  }

  private final boolean isOff;
  private State state = State.NAME;
  private int matched;

  // of what was read last: an escape that has begun, and the backslashes before it
  private int slashes;
  private int digitsLeft;
  private int code;
  private boolean isPercent;

  // of the value
  private boolean isSpaced;
  private int quote;
  private int quoteSlashes;
  private boolean opensEncoded;
  private int depth;
  private boolean inString;
  private String part = "";
  private int lines;
  private int length;

  TokenMask(boolean isOff) {
    this.isOff = isOff;
  }

  /** At the begin of another text. */
  void restart() {
    state = State.NAME;
    matched = 0;
    slashes = 0;
    digitsLeft = 0;
  }

  void apply(byte[] text, int from, int to) {
    if (isOff) {
      return;
    }
    int at = from;
    while (at < to) {
      if (state == State.NAME && matched == 0 && digitsLeft == 0 && slashes == 0) {
        at = nextStart(text, at, to);
        if (at == to) {
          return;
        }
      }
      if (read(text[at])) {
        text[at] = STAR;
      }
      at++;
    }
  }

  /** Nearly all there is passes here. */
  private static int nextStart(byte[] text, int from, int to) {
    for (int at = from; at < to; at++) {
      byte value = text[at];
      if ((value | 0x20) == 't' || value == '\\' || value == '%') {
        return at;
      }
    }
    return to;
  }

  /** Undoes escapes on the way to {@link #character}; says whether the byte is to be masked. */
  private boolean read(byte value) {
    if (digitsLeft > 0) {
      int digit = Character.digit(value, 16);
      if (digit >= 0) {
        code = code << 4 | digit;
        digitsLeft--;
        return digitsLeft > 0 ? isInside() : decoded(code);
      }
      digitsLeft = 0; // it was no escape
    }
    if (value == '\\') {
      slashes++;
      return isInside();
    }
    if (value == '%' || (value == 'u' && slashes > 0)) {
      isPercent = value == '%';
      digitsLeft = isPercent ? 2 : 4;
      code = 0;
      return isInside();
    }
    boolean masked = character(value & 0xff, slashes, false);
    slashes = 0;
    return masked;
  }

  private boolean decoded(int character) {
    // One of the backslashes is the escape's, and each two others are one where it is undone.
    int before = isPercent ? slashes : (slashes - 1) / 2;
    if (character == '%') {
      isPercent = true;
      digitsLeft = 2; // encoded twice
      code = 0;
      return isInside();
    }
    if (character == '\\') {
      slashes = before + 1;
      return isInside();
    }
    boolean inside = isInside();
    boolean masked = character(character, before, true);
    slashes = 0;
    return masked || inside;
  }

  private boolean isInside() {
    return switch (state) {
      case NAME, AFTER_NAME, AFTER_QUOTE, AFTER_COLON, PART_HEAD -> false;
      case BARE_BEGIN, BARE, SCALAR, QUOTED, NESTED, PART -> true;
    };
  }

  private boolean character(int read, int before, boolean encoded) {
    return switch (state) {
      case NAME -> name(read);
      case AFTER_NAME -> afterName(read, before, encoded);
      case AFTER_QUOTE -> afterQuote(read, before);
      case AFTER_COLON -> afterColon(read, before, encoded);
      case BARE_BEGIN -> bareBegin(read, before, encoded);
      case BARE -> bare(read, encoded);
      case SCALAR -> scalar(read, encoded);
      case QUOTED -> quoted(read, before, encoded);
      case NESTED -> nested(read, before, encoded);
      case PART_HEAD -> partHead(read);
      case PART -> part(read);
    };
  }

  // ---- before the value

  private boolean name(int read) {
    int lower = read | 0x20; // by this bit capitals differ from small letters
    if (lower == NAME.charAt(matched)) {
      matched++;
      if (matched == NAME.length()) {
        matched = 0;
        isSpaced = false;
        state = State.AFTER_NAME;
      }
    } else {
      matched = lower == NAME.charAt(0) ? 1 : 0;
    }
    return false;
  }

  private boolean notFound(int read) {
    state = State.NAME;
    matched = 0;
    return name(read);
  }

  private boolean afterName(int read, int before, boolean encoded) {
    if (read == '=') {
      opensEncoded = encoded;
      state = State.BARE_BEGIN;
    } else if (isQuote(read)) {
      quote = read;
      quoteSlashes = before;
      length = 0;
      part = "";
      state = State.AFTER_QUOTE;
    } else if (read == ' ' || read == '\t') {
      isSpaced = true;
    } else {
      return notFound(read);
    }
    return false;
  }

  private boolean afterQuote(int read, int before) {
    part = part.length() < PART_BEGINS.getFirst().length() ? part + (char) read : "";
    if (read == ':' || read == '=') {
      state = State.AFTER_COLON;
    } else if (PART_BEGINS.contains(part.toLowerCase(Locale.ROOT))) {
      lines = read == '\r' ? 1 : 0;
      state = State.PART_HEAD;
    } else if (part.equals(";")) {
      return false;
    } else if (!isBlank(read, before)) {
      return notFound(read);
    }
    return false;
  }

  private boolean afterColon(int read, int before, boolean encoded) {
    if (isBlank(read, before)) {
      return false;
    }
    if (isQuote(read)) {
      return open(read, before, encoded);
    }
    opensEncoded = encoded;
    if (read == '[' || read == '{') {
      state = State.NESTED;
      depth = 1;
      inString = false;
      return false;
    }
    state = State.SCALAR;
    return scalar(read, encoded);
  }

  private boolean open(int read, int before, boolean encoded) {
    quote = read;
    quoteSlashes = before;
    opensEncoded = encoded;
    state = State.QUOTED;
    return false;
  }

  // ---- the value

  private boolean bareBegin(int read, int before, boolean encoded) {
    // In a URL an apostrophe, or a quote that is encoded there, is one character among others.
    if ((read == '"' || (isSpaced && isQuote(read))) && (opensEncoded || !encoded)) {
      return open(read, before, encoded);
    }
    if (isSpaced && read == ' ') {
      return false; // token = value
    }
    state = State.BARE;
    return bare(read, encoded);
  }

  private boolean bare(int read, boolean encoded) {
    if (encoded && !opensEncoded) {
      return true;
    }
    return (read > ' ' && "&\"<>#".indexOf(read) < 0) || end();
  }

  private boolean scalar(int read, boolean encoded) {
    if (encoded && !opensEncoded) {
      return true;
    }
    return (read > ' ' && ",}]\"'&".indexOf(read) < 0) || end();
  }

  /**
   * A quote of JSON within JSON has a backslash before it, one level deeper three, and so on; one
   * that belongs to the value has more than the one that opened it.
   */
  private boolean quoted(int read, int before, boolean encoded) {
    if (read != quote || (encoded && !opensEncoded)) {
      return true;
    }
    return before % level() <= quoteSlashes ? end() : true;
  }

  private int level() {
    return Integer.highestOneBit(quoteSlashes + 1) * 2;
  }

  private boolean nested(int read, int before, boolean encoded) {
    if (encoded && !opensEncoded) {
      return true;
    }
    if (read == '"' && before < quoteSlashes) {
      return end(); // of the string that the JSON is in
    }
    if (read == '"') {
      inString ^= before % level() <= quoteSlashes;
    } else if (!inString && (read == '[' || read == '{')) {
      depth++;
    } else if (!inString && (read == ']' || read == '}')) {
      depth--;
      if (depth == 0) {
        return end();
      }
    }
    return read > ' ';
  }

  private boolean end() {
    state = State.NAME;
    matched = 0;
    return false;
  }

  // ---- a part of a form

  private boolean partHead(int read) {
    lines = read == '\n' ? lines + 1 : read == '\r' ? lines : 0;
    if (lines == 2) {
      state = State.PART;
      lines = 0;
      return false;
    }
    return length++ > LONGEST_PART_HEAD ? notFound(read) : false;
  }

  /** It ends before a line that begins with two dashes. */
  private boolean part(int read) {
    if (read == '\r' || read == '\n') {
      lines = 1;
      return false;
    }
    if (read == '-' && lines > 0) {
      lines++;
      return lines == 3 ? end() : true;
    }
    lines = 0;
    return true;
  }

  private static boolean isQuote(int read) {
    return read == '"' || read == '\'';
  }

  /** Also where JSON is a string: then {@code \n} is two characters. */
  private static boolean isBlank(int read, int before) {
    return read <= ' ' || (before > 0 && (read == 'n' || read == 'r' || read == 't'));
  }
}
