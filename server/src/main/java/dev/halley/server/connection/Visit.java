package dev.halley.server.connection;

import java.net.InetSocketAddress;

/**
 * A request that is counted for somebody, and what becomes of it: of a client behind a proxy, for
 * the connection is the proxy's and may be used by others before and after; of a user, who isn't
 * known before.
 *
 * @param client who sent the request
 * @param end is run once, when the request has been answered or what became of it has ended
 */
public record Visit(InetSocketAddress client, Runnable end) {
  /** The same, after which something else is run, too. */
  public Visit and(Runnable further) {
    return new Visit(
        client,
        () -> {
          end.run();
          further.run();
        });
  }
}
