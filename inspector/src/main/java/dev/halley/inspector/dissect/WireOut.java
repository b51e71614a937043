package dev.halley.inspector.dissect;

import dev.halley.inspector.Direction;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Collects what one read becomes for the {@link Wire}, so that it stays one packet. */
final class WireOut {
  private final Wire wire;
  private final Direction direction;
  private byte[] bytes = {};
  private int size;

  WireOut(Wire wire, Direction direction) {
    this.wire = wire;
    this.direction = direction;
  }

  boolean isOpen() {
    return wire.isOpen();
  }

  void add(byte[] from, int offset, int count) {
    if (isOpen()) {
      room(count);
      System.arraycopy(from, offset, bytes, size, count);
      size += count;
    }
  }

  void add(byte value) {
    if (isOpen()) {
      room(1);
      bytes[size++] = value;
    }
  }

  /** Takes bytes and leaves the buffer's position as it is. */
  void add(ByteBuffer from, int index, int count) {
    if (isOpen()) {
      room(count);
      from.get(index, bytes, size, count);
      size += count;
    }
  }

  /** Takes bytes from the buffer that nobody can read, so that secrets may be in them. */
  void hide(ByteBuffer from, int count, boolean showSecrets) {
    add(from, from.position(), count);
    if (isOpen() && !showSecrets) {
      Arrays.fill(bytes, size - count, size, TokenMask.STAR);
    }
    from.position(from.position() + count);
  }

  void flush(long micros) {
    if (size > 0) {
      wire.bytes(direction, bytes, size, micros);
      size = 0;
    }
  }

  private void room(int count) {
    if (size + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
    }
  }
}
