package dev.halley.inspector.dissect;

import java.net.InetSocketAddress;

/** Makes a {@link Wire} for each connection. */
@FunctionalInterface
public interface WireFactory {
  /** None for any. */
  WireFactory NONE = (id, client, server) -> Wire.NONE;

  /**
   * For a connection that begins.
   *
   * @param id which one
   * @param client its end
   * @param server the other end, as the client sees it
   */
  Wire open(long id, InetSocketAddress client, InetSocketAddress server);
}
