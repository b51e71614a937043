package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** The first bytes of something, and how long it is in all: what is large is cut for display. */
public final class Snippet {
  /** Nothing of nothing. */
  public static final Snippet EMPTY = new Snippet(new byte[0], 0);

  private final byte[] bytes;
  private final long length;

  private Snippet(byte[] bytes, long length) {
    this.bytes = bytes;
    this.length = length;
  }

  /**
   * A snippet that owns the bytes.
   *
   * @param length of all, not less than that of {@code bytes}
   */
  public static Snippet of(byte[] bytes, long length) {
    return length == 0 ? EMPTY : new Snippet(bytes, length);
  }

  /** The bytes that were kept; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many bytes there were. */
  public long length() {
    return length;
  }

  /** Whether bytes are missing. */
  public boolean isCut() {
    return bytes.length < length;
  }

  /** The bytes as UTF-8; what isn't becomes U+FFFD, and a character that was cut is left out. */
  public String text() {
    int end = bytes.length;
    if (isCut()) {
      int back = end;
      while (back > 0 && end - back < 3 && (bytes[back - 1] & 0xc0) == 0x80) {
        back--;
      }
      if (back > 0 && (bytes[back - 1] & 0xc0) == 0xc0) {
        end = back - 1;
      }
    }
    return new String(bytes, 0, end, UTF_8);
  }

  /** Those of the same bytes and length are equal. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Snippet that
        && length == that.length
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return text() + (isCut() ? "… (" + length + " bytes)" : "");
  }
}
