package dev.halley.benchmarks;

import io.undertow.websockets.core.StreamSinkFrameChannel;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSocketFrameType;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Undertow's channel over memory: each frame is a channel to write to. */
final class UndertowEncoder implements Encoder {
  private final MemoryConnection connection;
  private final WebSocketChannel channel;
  private final ByteBuffer payload;

  UndertowEncoder(byte[] payload) throws IOException {
    connection = MemoryConnection.open();
    channel = connection.webSocket();
    this.payload = ByteBuffer.allocateDirect(payload.length).put(payload);
  }

  @Override
  public byte encode() throws IOException {
    connection.written().clear();
    StreamSinkFrameChannel frame = channel.send(WebSocketFrameType.BINARY);
    frame.write(payload.clear());
    frame.shutdownWrites();
    if (!frame.flush()) {
      throw new IllegalStateException("Not written");
    }
    return connection.written().get(connection.written().position() - 1);
  }

  @Override
  public ByteBuffer frame() {
    return connection.written().duplicate().flip();
  }

  @Override
  public void close() {
    connection.end();
  }
}
