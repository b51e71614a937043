package dev.halley.showcase.document;

import dev.halley.broker.StreamPosition;
import java.nio.ByteBuffer;

/**
 * A document at one time.
 *
 * @param covers all updates up to here are in it
 * @param bytes all of them merged into one; a buffer that nobody changes
 */
record Snapshot(StreamPosition covers, ByteBuffer bytes) {
  /** Takes a copy of the bytes. */
  Snapshot {
    bytes = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    bytes = bytes.asReadOnlyBuffer();
  }

  /** The bytes; a buffer of its own each time. */
  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  int size() {
    return bytes.remaining();
  }
}
