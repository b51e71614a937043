package dev.halley.benchmarks;

import java.nio.ByteBuffer;

/**
 * One server's way from a payload to a whole frame that lies in one piece, as a socket takes it.
 */
interface Encoder extends AutoCloseable {
  /** Encodes the payload as a binary frame; gives its last byte. */
  byte encode() throws Exception;

  /** What was encoded last. */
  ByteBuffer frame();

  @Override
  default void close() {}
}
