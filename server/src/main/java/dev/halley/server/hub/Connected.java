package dev.halley.server.hub;

import dev.halley.server.meter.Via;
import java.net.InetSocketAddress;
import java.util.Collection;

/**
 * A connection as an operator sees it. The list of all of a loop is that of its timers. Called on
 * the connection's event loop.
 */
public interface Connected {
  /** When it became what it is, and its number. */
  ConnectionStart start();

  /** What it is used for. */
  Via via();

  /** The client: whoever is at the other end, or whom a trusted proxy there speaks for. */
  InetSocketAddress remoteAddress();

  /** The bytes that wait for the peer to take them. */
  long pendingBytes();

  /** The bytes that were written to it so far. */
  long writtenBytes();

  /** What it listens to. */
  Collection<Subscription> subscriptions();

  /** Ends it because the operator wants that. */
  void disconnect();
}
