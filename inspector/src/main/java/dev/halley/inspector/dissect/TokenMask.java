package dev.halley.inspector.dissect;

/**
 * Puts {@code *} in place of each byte of what follows {@code token=} or, as JSON has it, {@code
 * "token":"}, up to where such a value ends; in text that comes in pieces cut anywhere.
 */
final class TokenMask {
  static final byte STAR = '*';

  private static final byte[] NAME = {'t', 'o', 'k', 'e', 'n'};
  private static final int AFTER_NAME = 5;
  private static final int AFTER_QUOTE = AFTER_NAME + 1;
  private static final int AFTER_COLON = AFTER_NAME + 2;
  private static final int VALUE = AFTER_NAME + 3;
  private static final String ENDS = "&;,\"'<>#\\)}]";

  private final boolean isOff;

  /** How much of the name was matched, then what of what stands between it and the value. */
  private int matched;

  TokenMask(boolean isOff) {
    this.isOff = isOff;
  }

  /** At the begin of another text. */
  void restart() {
    matched = 0;
  }

  void apply(byte[] text, int from, int to) {
    if (isOff) {
      return;
    }
    int at = from;
    while (at < to) {
      if (matched == 0) {
        at = nextStart(text, at, to);
      } else if (matched == VALUE) {
        at = value(text, at, to);
      } else {
        matched = next(text[at]);
        at++;
      }
    }
  }

  private int next(byte read) {
    boolean blank = read >= 0 && read <= ' ';
    if (blank && (matched == AFTER_QUOTE || matched == AFTER_COLON)) {
      return matched;
    }
    // Capitals differ from small letters by this bit.
    int lower = read | 0x20;
    boolean goesOn =
        switch (matched) {
          case AFTER_NAME -> read == '=' || read == '"';
          case AFTER_QUOTE -> read == ':';
          case AFTER_COLON -> read == '"';
          default -> lower == NAME[matched];
        };
    if (!goesOn) {
      return lower == NAME[0] ? 1 : 0;
    }
    return read == '=' ? VALUE : matched + 1;
  }

  /** Nearly all there is passes here. */
  private int nextStart(byte[] text, int from, int to) {
    for (int at = from; at < to; at++) {
      if ((text[at] | 0x20) == NAME[0]) {
        matched = 1;
        return at + 1;
      }
    }
    return to;
  }

  private int value(byte[] text, int from, int to) {
    int at = from;
    while (at < to && !isEnd(text[at])) {
      text[at++] = STAR;
    }
    if (at < to) {
      matched = 0;
    }
    return at;
  }

  private static boolean isEnd(byte value) {
    return (value >= 0 && value <= ' ') || ENDS.indexOf(value) >= 0;
  }
}
