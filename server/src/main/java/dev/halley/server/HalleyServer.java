package dev.halley.server;

import dev.halley.broker.Broker;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A running push server. */
public final class HalleyServer implements AutoCloseable {
  private HalleyServer() {}

  /**
   * Starts a server; when this returns it accepts connections. The broker stays the caller's to
   * close, after the server.
   *
   * @throws IOException if it can't listen; the message says where and why
   * @throws IllegalArgumentException if the configuration asks for I/O that this machine lacks
   */
  public static HalleyServer start(ServerConfig config, Broker broker) throws IOException {
    throw new IOException(config + " " + broker);
  }

  /** Where it listens, with the port that was chosen if 0 was asked for. */
  public InetSocketAddress address() {
    return new InetSocketAddress(0);
  }

  /**
   * Drains and stops: accepts no more, answers parked polls with what they have, ends event streams
   * with a comment and WebSockets with 1001, and leaves when all have gone or the drain time is
   * over. Blocks until then. A second close does nothing.
   */
  @Override
  public void close() {}
}
