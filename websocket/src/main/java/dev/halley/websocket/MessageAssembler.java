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

  /**
   * Adds bytes from the input's position on, and moves it.
   *
   * @param limit what the whole may come to at most, so no more is allocated
   */
  void append(ByteBuffer input, int length, int limit) {
    int needed = bytes.position() + length;
    if (needed > bytes.capacity()) {
      long roomy = Math.max(SMALLEST, 2L * needed);
      ByteBuffer larger = ByteBuffer.allocate((int) Math.min(roomy, limit));
      bytes = larger.put(bytes.flip());
    }
    bytes.put(bytes.position(), input, input.position(), length);
    bytes.position(needed);
    input.position(input.position() + length);
  }

  /** Gives away what was assembled, from 0 to the position, and keeps nothing. */
  ByteBuffer take() {
    ByteBuffer taken = bytes;
    bytes = Receiver.NO_BUFFER;
    return taken;
  }
}
