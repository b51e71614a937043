package dev.halley.benchmarks;

import io.undertow.websockets.core.StreamSourceFrameChannel;
import io.undertow.websockets.core.WebSocketChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Undertow's channel over memory: each frame is a channel to read from, here into one buffer. */
final class UndertowDecoder extends Decoder {
  private final MemoryConnection connection;
  private final WebSocketChannel channel;
  private final Wire wire;
  private final ByteBuffer payload = ByteBuffer.allocateDirect(32 << 10);

  UndertowDecoder(Wire wire, boolean checked) throws IOException {
    super(checked);
    this.wire = wire;
    connection = MemoryConnection.open();
    channel = connection.webSocket();
  }

  @Override
  void decode() throws IOException {
    connection.received(wire.bytes());
    int frames = 0;
    while (frames < wire.frames()) {
      @Nullable StreamSourceFrameChannel frame = channel.receive();
      if (frame != null) {
        payload.clear();
        while (frame.read(payload) >= 0) {}
        payload(payload, 0, payload.position());
        frames++;
      }
    }
  }

  @Override
  public void close() {
    connection.end();
  }
}
