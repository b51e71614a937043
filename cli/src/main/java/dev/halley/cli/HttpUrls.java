package dev.halley.cli;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

/** Writes addresses as URLs. */
final class HttpUrls {
  private HttpUrls() {}

  /**
   * As {@link #of}, but where all addresses of this machine are listened on, one that others in the
   * local network reach, if there is such a one.
   */
  static String reachable(InetSocketAddress address) {
    return address.getAddress().isAnyLocalAddress()
        ? of(new InetSocketAddress(localNetworkAddress(), address.getPort()))
        : of(address);
  }

  private static InetAddress localNetworkAddress() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(ip -> ip instanceof Inet4Address && !ip.isLoopbackAddress())
          .findFirst()
          .orElseGet(InetAddress::getLoopbackAddress);
    } catch (SocketException e) {
      return InetAddress.getLoopbackAddress();
    }
  }

  /** {@code http://127.0.0.1:8080}, {@code http://[::1]:8080}. */
  static String of(InetSocketAddress address) {
    return of("http", address);
  }

  /** The same with {@code https}, maybe. */
  static String of(String scheme, InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip == null ? address.getHostString() : ip.getHostAddress();
    return scheme
        + "://"
        + (ip instanceof Inet6Address ? "[" + host.split("%", 2)[0] + "]" : host)
        + ":"
        + address.getPort();
  }
}
