package dev.halley.server.hub;

import io.netty.buffer.ByteBuf;

/**
 * Where the bytes that many share go: the connection of one subscriber. A fan-out touches nothing
 * else of it.
 */
public interface Outlet {
  /** Whether there is room for more. Any thread may ask. */
  boolean isWritable();

  /**
   * Sends bytes now, as far as the peer takes them. The buffer stays the caller's, and nobody
   * changes what is in it; what has to wait is retained.
   */
  void send(ByteBuf shared);
}
