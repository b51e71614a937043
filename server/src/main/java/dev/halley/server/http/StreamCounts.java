package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.connection.Visit;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Requests of HTTP/2 that last: event streams, WebSockets and polls that may wait. One connection
 * has many of them, and each costs what a connection costs, so it counts as one: by address and in
 * all. For any number of threads.
 */
final class StreamCounts {
  private final int most;
  private final IntSupplier connections;
  private final Clients clients;
  private final AddressCounts perAddress;
  private final AtomicInteger count = new AtomicInteger();

  /**
   * None yet.
   *
   * @param most of them and of connections together
   * @param connections how many of those there are
   */
  StreamCounts(int most, IntSupplier connections, Clients clients, AddressCounts perAddress) {
    this.most = most;
    this.connections = connections;
    this.clients = clients;
    this.perAddress = perAddress;
  }

  /** How many there are. */
  int count() {
    return count.get();
  }

  /**
   * Counts an exchange, and what becomes of it, if it is one of HTTP/2.
   *
   * @throws HttpError if there are too many
   */
  void begin(Exchange exchange) {
    if (!exchange.isHttp2()) {
      return; // it has its connection for itself
    }
    if (count.incrementAndGet() + connections.getAsInt() > most) {
      count.decrementAndGet();
      throw refused(Limit.CONNECTIONS);
    }
    InetAddress address = exchange.remoteAddress().getAddress();
    // What comes through a proxy counts for its client already.
    boolean byAddress = !clients.isKnownByRequest(exchange.client());
    if (byAddress && !perAddress.enter(address)) {
      count.decrementAndGet();
      throw refused(Limit.CONNECTIONS_PER_ADDRESS);
    }
    exchange.begin(
        new Visit(
            exchange.remoteAddress(),
            () -> {
              count.decrementAndGet();
              if (byAddress) {
                perAddress.leave(address);
              }
            }));
  }

  private static HttpError refused(Limit limit) {
    return HttpError.unavailable("There are too many connections and streams").beyond(limit);
  }
}
