package dev.halley.benchmarks;

import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.WebSocketProtocol;
import java.nio.ByteBuffer;

/** The protocol's own writer, into one buffer for ever. */
final class HalleyEncoder implements Encoder {
  private final WebSocketProtocol protocol =
      WebSocketProtocol.server(new MessageLimits(1 << 20, 1 << 20));
  private final ByteBuffer payload;
  private final ByteBuffer out;

  HalleyEncoder(byte[] payload) {
    this.payload = ByteBuffer.allocateDirect(payload.length).put(payload);
    out = ByteBuffer.allocateDirect(protocol.messageLength(payload.length));
  }

  @Override
  public byte encode() {
    protocol.writeBinary(payload.clear(), out.clear());
    return out.get(out.position() - 1);
  }

  @Override
  public ByteBuffer frame() {
    return out.duplicate().flip();
  }
}
