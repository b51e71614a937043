package dev.halley.benchmarks.peers;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.Options;
import org.xnio.Pooled;

/** Undertow's WebSocket handlers; a channel's peers are those of its path. */
public final class UndertowServer {
  private UndertowServer() {}

  /** Takes its port. */
  public static void main(String[] args) {
    Undertow.builder()
        .addHttpListener(Paths.port(args), Paths.HOST)
        .setIoThreads(Runtime.getRuntime().availableProcessors())
        .setSocketOption(Options.BACKLOG, Paths.BACKLOG)
        .setSocketOption(Options.TCP_NODELAY, true)
        .setHandler(
            Handlers.path()
                .addExactPath(
                    Paths.ECHO, Handlers.websocket((exchange, it) -> receive(it, new Echo())))
                .addExactPath(
                    Paths.BROADCAST,
                    Handlers.websocket((exchange, it) -> receive(it, new Broadcast()))))
        .build()
        .start();
  }

  private static void receive(WebSocketChannel channel, AbstractReceiveListener listener) {
    channel.getReceiveSetter().set(listener);
    channel.resumeReceives();
  }

  private static final class Echo extends AbstractReceiveListener {
    @Override
    @SuppressWarnings("deprecation") // the only way to the message without a copy
    protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
      Pooled<ByteBuffer[]> data = message.getData();
      WebSockets.sendBinary(data.getResource(), channel, new Freeing(data));
    }

    @Override
    protected long getMaxBinaryBufferSize() {
      return Paths.LARGEST;
    }
  }

  private static final class Broadcast extends AbstractReceiveListener {
    @Override
    @SuppressWarnings("deprecation")
    protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
      Pooled<ByteBuffer[]> data = message.getData();
      ByteBuffer payload = WebSockets.mergeBuffers(data.getResource());
      data.close();
      for (WebSocketChannel peer : channel.getPeerConnections()) {
        WebSockets.sendBinary(payload.duplicate(), peer, null);
      }
    }

    @Override
    protected long getMaxBinaryBufferSize() {
      return Paths.LARGEST;
    }
  }

  @SuppressWarnings("deprecation")
  private record Freeing(Pooled<ByteBuffer[]> data) implements WebSocketCallback<Void> {
    @Override
    public void complete(WebSocketChannel channel, @Nullable Void context) {
      data.close();
    }

    @Override
    public void onError(WebSocketChannel channel, @Nullable Void context, Throwable cause) {
      data.close();
    }
  }
}
