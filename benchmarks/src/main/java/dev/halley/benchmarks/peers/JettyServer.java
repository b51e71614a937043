package dev.halley.benchmarks.peers;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty's own WebSocket API, with listeners that demand by themselves. */
public final class JettyServer {
  private static final Duration LONG = Duration.ofHours(1);

  private JettyServer() {}

  /** Takes its port. */
  public static void main(String[] args) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost(Paths.HOST);
    connector.setPort(Paths.port(args));
    connector.setAcceptQueueSize(Paths.BACKLOG);
    server.addConnector(connector);
    server.setHandler(WebSocketUpgradeHandler.from(server, JettyServer::configure));
    server.start();
  }

  private static void configure(ServerWebSocketContainer container) {
    Set<Session> listeners = ConcurrentHashMap.newKeySet();
    container.setIdleTimeout(LONG);
    container.setMaxBinaryMessageSize(Paths.LARGEST);
    container.addMapping(Paths.ECHO, (request, response, callback) -> new Echo());
    container.addMapping(
        Paths.BROADCAST, (request, response, callback) -> new Broadcast(listeners));
  }

  /** Public, for Jetty finds its methods by reflection. */
  public static final class Echo extends Session.Listener.AbstractAutoDemanding {
    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      getSession().sendBinary(payload, callback);
    }
  }

  /** Public, for Jetty finds its methods by reflection. */
  public static final class Broadcast extends Session.Listener.AbstractAutoDemanding {
    private final Set<Session> listeners;

    Broadcast(Set<Session> listeners) {
      this.listeners = listeners;
    }

    @Override
    public void onWebSocketOpen(Session session) {
      super.onWebSocketOpen(session);
      listeners.add(session);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
      listeners.remove(getSession());
      callback.succeed();
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      // The payload is Jetty's again when the callback is told, which also asks for the next
      // message: that may not overtake this one.
      ByteBuffer copy = ByteBuffer.allocateDirect(payload.remaining()).put(payload).flip();
      for (Session listener : listeners) {
        listener.sendBinary(copy.slice(), Callback.NOOP);
      }
      callback.succeed();
    }
  }
}
