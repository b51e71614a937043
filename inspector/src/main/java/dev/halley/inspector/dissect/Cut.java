package dev.halley.inspector.dissect;

import dev.halley.inspector.Snippet;
import java.util.Arrays;

/** Collects the first bytes of something and counts the others. */
final class Cut {
  private static final byte[] NOTHING = {};

  private final int most;
  private byte[] kept = NOTHING;
  private int size;
  private long length;

  Cut(int most) {
    this.most = most;
  }

  /** Whether bytes are still kept. */
  boolean hasRoom() {
    return size < most;
  }

  /** How many bytes there were so far. */
  long length() {
    return length;
  }

  void add(byte[] bytes, int from, int count) {
    int taken = Math.min(count, most - size);
    if (taken > 0) {
      if (size + taken > kept.length) {
        kept = Arrays.copyOf(kept, Math.min(most, Math.max(size + taken, 2 * kept.length)));
      }
      System.arraycopy(bytes, from, kept, size, taken);
      size += taken;
    }
    length += count;
  }

  /** Bytes that nobody looked at. */
  void skip(long count) {
    length += count;
  }

  /** What was collected; then it is empty again. */
  Snippet take() {
    Snippet snippet = Snippet.of(size == kept.length ? kept : Arrays.copyOf(kept, size), length);
    kept = NOTHING;
    size = 0;
    length = 0;
    return snippet;
  }
}
