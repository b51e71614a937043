package dev.halley.server.http;

import dev.halley.server.ProxyTrust;
import java.net.InetAddress;

/** How many connections each address has. For any number of threads. */
final class AddressCounts {
  private final ProxyTrust trust;
  private final Counts<InetAddress> counts;

  AddressCounts(ProxyTrust trust, int most) {
    this.trust = trust;
    this.counts = new Counts<>(most);
  }

  /** One more, unless there are too many. */
  boolean enter(InetAddress address) {
    return trust.counted(address).map(counts::enter).orElse(true);
  }

  /** One less of those that have entered. */
  void leave(InetAddress address) {
    trust.counted(address).ifPresent(counts::leave);
  }
}
