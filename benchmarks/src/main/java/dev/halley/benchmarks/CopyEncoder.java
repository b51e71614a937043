package dev.halley.benchmarks;

import java.nio.ByteBuffer;

/** No encoder: only the copy of the payload that a frame in one piece can't be had without. */
final class CopyEncoder implements Encoder {
  private final ByteBuffer payload;
  private final ByteBuffer out;

  CopyEncoder(byte[] payload) {
    this.payload = ByteBuffer.allocateDirect(payload.length).put(payload);
    out = ByteBuffer.allocateDirect(payload.length);
  }

  @Override
  public byte encode() {
    out.put(0, payload, 0, payload.capacity());
    return out.get(out.capacity() - 1);
  }

  @Override
  public ByteBuffer frame() {
    return out.duplicate();
  }
}
