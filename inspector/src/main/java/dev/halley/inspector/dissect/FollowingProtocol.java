package dev.halley.inspector.dissect;

import java.nio.ByteBuffer;

/** What the bytes of one direction are once they are no longer HTTP/1.x. */
interface FollowingProtocol {
  /** Reads all that remains in the buffer. */
  void feed(ByteBuffer in, long micros);

  /** No more bytes will come. */
  void end(long micros);
}
