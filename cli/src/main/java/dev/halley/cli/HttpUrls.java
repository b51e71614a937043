package dev.halley.cli;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Writes addresses as URLs. */
final class HttpUrls {
  private HttpUrls() {}

  /** {@code http://127.0.0.1:8080}, {@code http://[::1]:8080}. */
  static String of(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip == null ? address.getHostString() : ip.getHostAddress();
    return "http://"
        + (ip instanceof Inet6Address ? "[" + host.split("%", 2)[0] + "]" : host)
        + ":"
        + address.getPort();
  }
}
