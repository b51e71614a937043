package dev.halley.websocket;

import java.nio.ByteBuffer;

/**
 * Keeps what was received of a payload until the rest comes.
 *
 * <p>Grows with what was received and not with what was announced, so that a header alone costs
 * nothing: it never holds more than twice the bytes that came, and {@link #SMALLEST}.
 */
final class MessageAssembler {
  private static final int SMALLEST = 64;

  private ByteBuffer bytes = Receiver.NO_BUFFER;

  int length() {
    return bytes.position();
  }

  /** How many bytes are taken up by what was assembled and the room for more. */
  int capacity() {
    return bytes.capacity();
  }

  /**
   * The {@link #capacity} that is needed to add so many bytes: as much as there is, if that is
   * enough.
   *
   * @param limit what the whole may come to at most, so no more is allocated
   */
  int capacityFor(int length, int limit) {
    int needed = bytes.position() + length;
    return needed <= bytes.capacity()
        ? bytes.capacity()
        : (int) Math.min(Math.max(SMALLEST, 2L * needed), limit);
  }

  /**
   * Adds bytes from the input's position on, and moves it.
   *
   * @param limit as for {@link #capacityFor}
   */
  void append(ByteBuffer input, int length, int limit) {
    int capacity = capacityFor(length, limit);
    if (capacity > bytes.capacity()) {
      bytes = ByteBuffer.allocate(capacity).put(bytes.flip());
    }
    int at = bytes.position();
    bytes.put(at, input, input.position(), length);
    bytes.position(at + length);
    input.position(input.position() + length);
  }

  /** Gives away what was assembled, from 0 to the position, and keeps nothing. */
  ByteBuffer take() {
    ByteBuffer taken = bytes;
    bytes = Receiver.NO_BUFFER;
    return taken;
  }
}
