package dev.halley.server.app;

/** Takes the WebSockets of a path. */
@FunctionalInterface
public interface WebSocketEndpoint {
  /**
   * A WebSocket is open; its handshake has been answered. Called on the connection's event loop:
   * must return at once. To refuse it, {@link WebSocketSession#close close} it.
   *
   * @param request what asked for it
   * @param session the way to send
   * @return whom to tell what comes
   */
  WebSocketListener open(Request request, WebSocketSession session);
}
