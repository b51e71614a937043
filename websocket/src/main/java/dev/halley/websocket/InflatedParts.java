package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * A compressed message that is given to the application in parts.
 *
 * <p>Compressed bytes are copied from the input, a little at a time, and inflated a little at a
 * time, so there may be more parts without further input.
 */
final class InflatedParts {
  /** How many compressed bytes are taken at once. */
  static final int MOST_INPUT = 4 * 1024;

  private static final int MOST_OUTPUT = 16 * 1024;

  private final MessageInflater inflater;
  private final ByteBuffer compressed = ByteBuffer.allocate(MOST_INPUT);
  private final ByteBuffer inflated = ByteBuffer.allocate(MOST_OUTPUT);
  private boolean isEmpty = true;
  private boolean inputIsLast;
  private boolean tailIsFed;
  private boolean hasMore;

  InflatedParts(MessageInflater inflater) {
    this.inflater = inflater;
  }

  /** Takes compressed bytes from the input's position on, and moves it. */
  void feed(ByteBuffer input, int length, boolean last) {
    compressed.clear().put(0, input, input.position(), length).limit(length);
    input.position(input.position() + length);
    isEmpty &= length == 0;
    inputIsLast = last;
    inflater.feed(compressed);
  }

  /**
   * Inflates the next part.
   *
   * @return from 0 to the position; good until the next call
   * @throws DataFormatException if what was fed isn't what a deflater writes
   */
  ByteBuffer next() throws DataFormatException {
    inflated.clear();
    hasMore = true;
    while (hasMore && inflated.hasRemaining()) {
      if (!inflater.inflate(inflated)) {
        hasMore = inputIsLast && !tailIsFed;
        if (hasMore) {
          feedTail();
        }
      }
    }
    if (isComplete()) {
      inflater.endOfMessage();
    }
    return inflated;
  }

  /** Whether there may be another part without further input. */
  boolean hasMore() {
    return hasMore;
  }

  /** Whether the last part was the message's last. */
  boolean isComplete() {
    return tailIsFed && !hasMore;
  }

  private void feedTail() throws DataFormatException {
    if (isEmpty) {
      throw MessageInflater.empty();
    }
    inflater.feedTail();
    tailIsFed = true;
  }
}
