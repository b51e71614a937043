package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/**
 * Masking keys drawn from a source in bulk, because drawing four bytes at a time from a {@link
 * java.security.SecureRandom} costs more than the frame (RFC 6455 section 10.3 asks for keys that
 * nobody can predict, so the source should be one). Not for several threads at once.
 */
public final class MaskKeys implements IntSupplier {
  private static final int BYTES_AT_ONCE = 1024;

  private final RandomGenerator random;
  private final ByteBuffer keys = ByteBuffer.allocate(BYTES_AT_ONCE).limit(0);

  /**
   * Draws nothing yet.
   *
   * @param random a {@link java.security.SecureRandom}, unless this is a test
   */
  public MaskKeys(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public int getAsInt() {
    if (!keys.hasRemaining()) {
      random.nextBytes(keys.array());
      keys.clear();
    }
    return keys.getInt();
  }
}
