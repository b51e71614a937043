package dev.halley.benchmarks.peers;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;

/** Java-WebSocket's server with a worker for each processor, and its own {@code broadcast}. */
public final class JavaWebSocketServer extends WebSocketServer {
  private final Set<WebSocket> listeners = ConcurrentHashMap.newKeySet();

  private JavaWebSocketServer(InetSocketAddress address) {
    super(address, Runtime.getRuntime().availableProcessors());
    setMaxPendingConnections(Paths.BACKLOG);
    setTcpNoDelay(true);
    setReuseAddr(true);
  }

  /** Takes its port. */
  public static void main(String[] args) {
    new JavaWebSocketServer(Paths.address(args)).start();
  }

  @Override
  public void onStart() {}

  @Override
  public void onOpen(WebSocket socket, ClientHandshake handshake) {
    if (handshake.getResourceDescriptor().equals(Paths.BROADCAST)) {
      socket.setAttachment(listeners);
      listeners.add(socket);
    }
  }

  @Override
  public void onMessage(WebSocket socket, ByteBuffer message) {
    if (socket.getAttachment() == null) {
      socket.send(message);
    } else {
      broadcast(message, listeners);
    }
  }

  @Override
  public void onMessage(WebSocket socket, String message) {
    socket.send(message);
  }

  @Override
  public void onClose(WebSocket socket, int code, String reason, boolean remote) {
    listeners.remove(socket);
  }

  @Override
  public void onError(@Nullable WebSocket socket, Exception cause) {
    if (socket == null) {
      throw new IllegalStateException("The server can't start", cause);
    }
  }
}
