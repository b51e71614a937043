package dev.halley.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which proxies are believed when they say whom they speak for, and by what they say it: a proxy
 * sets one header itself, and may pass on the others as a stranger sent them.
 *
 * @param proxies their addresses; nobody is believed where there are none
 * @param header what is believed of them
 */
public record ProxyTrust(List<AddressRange> proxies, Header header) {
  private static final int NETWORK_BYTES = 8;

  /** By what a proxy says who the client is. */
  public enum Header {
    /** The fields {@code X-Forwarded-For} and {@code X-Forwarded-Proto}. */
    X_FORWARDED_FOR,
    /** The field {@code Forwarded} (RFC 7239). */
    FORWARDED,
    /**
     * The header of the PROXY protocol, version 1 or 2, before the first byte of each connection. A
     * connection of a trusted proxy that begins otherwise is closed.
     */
    PROXY_PROTOCOL
  }

  /** Takes a copy of the list. */
  public ProxyTrust {
    proxies = List.copyOf(proxies);
  }

  /** Believes nobody. */
  public static ProxyTrust nobody() {
    return new ProxyTrust(List.of(), Header.X_FORWARDED_FOR);
  }

  /** Whether a proxy of that address is believed. */
  public boolean trusts(InetAddress address) {
    for (AddressRange range : proxies) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What an address is counted as: itself, or its /64 network of IPv6, for whoever has one address
   * of that has all. Loopback addresses and trusted proxies are not counted: behind them are
   * others.
   */
  public Optional<InetAddress> counted(InetAddress address) {
    if (address.isLoopbackAddress() || trusts(address)) {
      return Optional.empty();
    }
    return Optional.of(address instanceof Inet6Address ? network(address) : address);
  }

  private static InetAddress network(InetAddress address) {
    byte[] bytes = address.getAddress();
    Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // it has 16 bytes
    }
  }
}
