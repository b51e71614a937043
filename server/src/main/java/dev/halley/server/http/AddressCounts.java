package dev.halley.server.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many connections each address has, or each network of IPv6: whoever has one address of it has
 * all. Loopback addresses and trusted proxies are exempt: behind them are others. For any number of
 * threads.
 */
final class AddressCounts {
  private static final int NETWORK_BYTES = 8;

  private final Clients clients;
  private final int most;
  private final Map<InetAddress, Integer> counts = new ConcurrentHashMap<>();

  AddressCounts(Clients clients, int most) {
    this.clients = clients;
    this.most = most;
  }

  /** One more, unless there are too many. */
  boolean enter(InetAddress address) {
    if (isExempt(address)) {
      return true;
    }
    InetAddress network = networkOf(address);
    boolean fits = counts.merge(network, 1, Integer::sum) <= most;
    if (!fits) {
      decrement(network);
    }
    return fits;
  }

  /** One less of those that have entered. */
  void leave(InetAddress address) {
    if (!isExempt(address)) {
      decrement(networkOf(address));
    }
  }

  private void decrement(InetAddress network) {
    counts.computeIfPresent(network, (key, count) -> count == 1 ? null : count - 1);
  }

  /** Whether others may be behind it. */
  boolean isExempt(InetAddress address) {
    return address.isLoopbackAddress() || clients.isProxy(address);
  }

  /** What counts as one address. */
  static InetAddress networkOf(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // it has 16 bytes
    }
  }
}
