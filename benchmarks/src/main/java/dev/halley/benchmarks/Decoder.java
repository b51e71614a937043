package dev.halley.benchmarks;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One server's way from bytes read to payloads. Each copies the wire's bytes into a read buffer of
 * its own kind, as a socket would, and goes from frame to frame.
 */
abstract class Decoder implements AutoCloseable {
  private final @Nullable CRC32 checksum;
  private int touched;

  /**
   * Prepares for many {@link #decode}.
   *
   * @param checked whether every payload is summed up, to compare contestants and not to measure
   */
  Decoder(boolean checked) {
    checksum = checked ? new CRC32() : null;
  }

  /** Decodes all frames of the wire once. */
  abstract void decode() throws Exception;

  @Override
  public void close() {}

  /** A payload has come, unmasked: its last byte at least is looked at. */
  final void payload(ByteBuffer buffer, int offset, int length) {
    touched += buffer.get(offset + length - 1);
    if (checksum != null) {
      checksum.update(buffer.slice(offset, length));
    }
  }

  /** The same for those who don't have a buffer of the JDK's at hand. */
  final void payload(byte last) {
    touched += last;
  }

  final boolean isChecked() {
    return checksum != null;
  }

  /** To be used, so that nothing is left out by the compiler. */
  final int touched() {
    return touched;
  }

  /** Of all payloads so far. */
  final long checksum() {
    if (checksum == null) {
      throw new IllegalStateException("Only if it was asked for");
    }
    return checksum.getValue();
  }
}
