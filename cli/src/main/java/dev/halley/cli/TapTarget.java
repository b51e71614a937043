package dev.halley.cli;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server that a tap leads to.
 *
 * @param host its name or address
 * @param tls whether it is spoken to over TLS
 */
record TapTarget(String host, int port, boolean tls) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:(https?|wss?)://)?(\\[[0-9A-Fa-f:.]+\\]|[^/:\\[\\]@?#\\s]+)?(?::?([0-9]{1,5}))?/?");

  /**
   * Reads {@code localhost:8080}, {@code 8080} or {@code https://example.org}.
   *
   * @throws CommandException if it is none of these
   */
  static TapTarget of(String text) {
    if (text.matches("[0-9]{1,5}")) {
      return new TapTarget("localhost", port("--to", text), false);
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || matcher.group(2) == null) {
      throw CommandException.usage(
          "--to: \"" + text + "\" is not a server such as localhost:8080 or https://example.org");
    }
    String scheme = matcher.group(1) == null ? "http" : matcher.group(1);
    boolean tls = scheme.equals("https") || scheme.equals("wss");
    String port = matcher.group(3) == null ? (tls ? "443" : "80") : matcher.group(3);
    return new TapTarget(bare(matcher.group(2)), port("--to", port), tls);
  }

  /**
   * Reads {@code 9000} or {@code 0.0.0.0:9000}; a port alone is one of the loopback address.
   *
   * @throws CommandException if it is neither
   */
  static InetSocketAddress address(String flag, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : bare(text.substring(0, colon));
    InetSocketAddress address = new InetSocketAddress(host, port(flag, text.substring(colon + 1)));
    if (address.isUnresolved()) {
      throw CommandException.usage(flag + ": " + host + " has no address");
    }
    return address;
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(String flag, String text) {
    try {
      return ValueType.numbers("PORT", "port", 0, 65_535).parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(flag + ": " + e.getMessage());
    }
  }
}
