package dev.halley.server.app;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * The server's side of one WebSocket. Safe for use by many threads; what one thread sends arrives
 * in its order.
 */
public interface WebSocketSession {
  /**
   * Sends a text message, unless the peer is too slow or gone.
   *
   * @return whether it will be sent; if not, nothing is queued, and a later message may go
   */
  boolean sendText(String text);

  /**
   * As {@link #sendText}, for a binary message.
   *
   * @param data copied before this returns
   */
  boolean sendBinary(ByteBuffer data);

  /**
   * Closes it, after what has been sent.
   *
   * @param code 1000, 1001, 1003, 1007 to 1013, or 3000 to 4999 (RFC 6455 section 7.4)
   * @param reason at most 123 bytes in UTF-8
   * @throws IllegalArgumentException if code or reason isn't such a one
   */
  void close(int code, String reason);

  /** Whether a message would be taken now. */
  boolean isWritable();

  /** Whoever is at the other end of the connection: the client, or a proxy. */
  InetSocketAddress remoteAddress();
}
