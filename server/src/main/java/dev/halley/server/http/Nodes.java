package dev.halley.server.http;

import dev.halley.server.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses as proxies write them (RFC 7239 section 6). */
final class Nodes {
  /** A port may be hidden behind an identifier of the proxy's own. */
  private static final Pattern WITH_PORT =
      Pattern.compile("(?:\\[([^]]*)]|([^:]*))(?::(?:([0-9]{1,5})|_[A-Za-z0-9._-]+))?");

  private Nodes() {}

  /**
   * Reads an address with or without a port: {@code 192.0.2.1}, {@code [2001:db8::1]:80}, {@code
   * 2001:db8::1}. Where no port is told, it is 0.
   *
   * @return nothing if it is unknown, hidden behind a name, or no address
   */
  static Optional<InetSocketAddress> parse(String node) {
    Matcher matcher = WITH_PORT.matcher(node);
    if (!matcher.matches()) {
      return AddressRange.address(node).map(address -> new InetSocketAddress(address, 0));
    }
    int port = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    if (port > 65535 || (matcher.group(1) != null && host.indexOf(':') < 0)) {
      return Optional.empty();
    }
    Optional<InetAddress> address = AddressRange.address(host);
    return address.map(it -> new InetSocketAddress(it, port));
  }
}
