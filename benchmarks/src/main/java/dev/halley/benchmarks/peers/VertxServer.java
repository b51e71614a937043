package dev.halley.benchmarks.peers;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.util.LinkedHashSet;
import java.util.Set;

/** One verticle, thus one event loop, with Vert.x's native transport where there is one. */
public final class VertxServer extends VerticleBase {
  private final int port;
  private final Set<ServerWebSocket> listeners = new LinkedHashSet<>();

  private VertxServer(int port) {
    this.port = port;
  }

  /** Takes its port. */
  public static void main(String[] args) {
    Vertx.vertx(new VertxOptions().setPreferNativeTransport(true))
        .deployVerticle(new VertxServer(Paths.port(args)))
        .await();
  }

  @Override
  public Future<?> start() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(Paths.HOST)
            .setPort(port)
            .setAcceptBacklog(Paths.BACKLOG)
            .setMaxWebSocketFrameSize(Paths.LARGEST)
            .setMaxWebSocketMessageSize(Paths.LARGEST);
    return vertx.createHttpServer(options).webSocketHandler(this::opened).listen();
  }

  private void opened(ServerWebSocket socket) {
    socket.exceptionHandler(cause -> {});
    if (socket.path().equals(Paths.ECHO)) {
      socket.binaryMessageHandler(socket::writeBinaryMessage);
      return;
    }
    listeners.add(socket);
    socket.closeHandler(closed -> listeners.remove(socket));
    socket.binaryMessageHandler(
        message -> listeners.forEach(listener -> listener.writeBinaryMessage(message)));
  }
}
