package dev.halley.broker;

/**
 * A place in a channel's log: the publication with this offset has been read, the next one has not.
 *
 * @param epoch names one life of the log: 1 to 32 of {@code a-z 0-9}
 * @param offset 0 before the first publication of the epoch, then 1, 2, 3 … of at most 18 digits
 */
public record StreamPosition(String epoch, long offset) {
  private static final int MAX_EPOCH_LENGTH = 32;
  private static final int MAX_OFFSET_DIGITS = 18;
  private static final long MAX_OFFSET = 999_999_999_999_999_999L;

  /**
   * Checks both parts.
   *
   * @throws IllegalArgumentException if one of them is out of its range
   */
  public StreamPosition {
    if (!isEpoch(epoch)) {
      throw new IllegalArgumentException("An epoch is 1 to 32 of a-z 0-9");
    }
    if (offset < 0 || offset > MAX_OFFSET) {
      throw new IllegalArgumentException("An offset is 0 to " + MAX_OFFSET);
    }
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if {@code text} is not {@code epoch:offset}
   */
  public static StreamPosition parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0 || !isOffset(text, colon + 1)) {
      throw new IllegalArgumentException("A position is epoch:offset");
    }
    return new StreamPosition(
        text.substring(0, colon), Long.parseLong(text, colon + 1, text.length(), 10));
  }

  /** The position of the publication that follows; the last there can be is followed by itself. */
  public StreamPosition next() {
    return offset == MAX_OFFSET ? this : new StreamPosition(epoch, offset + 1);
  }

  /** Whether {@code other} is a position of the same life of the log. */
  public boolean sameEpoch(StreamPosition other) {
    return epoch.equals(other.epoch);
  }

  /** {@code epoch:offset}. */
  @Override
  public String toString() {
    return epoch + ':' + offset;
  }

  private static boolean isEpoch(String text) {
    if (text.isEmpty() || text.length() > MAX_EPOCH_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isDigit(c) && (c < 'a' || c > 'z')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOffset(String text, int from) {
    int digits = text.length() - from;
    if (digits == 0 || digits > MAX_OFFSET_DIGITS) {
      return false;
    }
    for (int i = from; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
