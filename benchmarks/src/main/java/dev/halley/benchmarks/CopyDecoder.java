package dev.halley.benchmarks;

import java.nio.ByteBuffer;

/** No decoder: only the copy that all others begin with. */
final class CopyDecoder extends Decoder {
  private final byte[] wire;
  private final ByteBuffer input;

  CopyDecoder(Wire wire) {
    super(false);
    this.wire = wire.bytes();
    input = ByteBuffer.allocateDirect(this.wire.length);
  }

  @Override
  void decode() {
    input.clear().put(0, wire);
    payload(input, 0, input.limit());
  }
}
