package dev.halley.inspector.dissect;

/**
 * Puts {@code *} in place of each byte of what follows {@code token=}, up to where such a value
 * ends; in text that comes in pieces cut anywhere.
 */
final class TokenMask {
  static final byte STAR = '*';

  private static final byte[] NAME = {'t', 'o', 'k', 'e', 'n', '='};
  private static final String ENDS = "&;,\"'<>#\\)}]";

  private final boolean isOff;

  /** How much of the name was matched; all of it within the value. */
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
    for (int at = from; at < to; at++) {
      byte value = text[at];
      if (matched < NAME.length) {
        int lower = value >= 'A' && value <= 'Z' ? value + ('a' - 'A') : value;
        matched = lower == NAME[matched] ? matched + 1 : lower == NAME[0] ? 1 : 0;
      } else if (isEnd(value)) {
        matched = 0;
      } else {
        text[at] = STAR;
      }
    }
  }

  private static boolean isEnd(byte value) {
    return (value >= 0 && value <= ' ') || ENDS.indexOf(value) >= 0;
  }
}
