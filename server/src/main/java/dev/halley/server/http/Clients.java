package dev.halley.server.http;

import dev.halley.server.ProxyTrust;
import dev.halley.server.connection.Client;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Who the clients are: the one place that decides what a proxy is believed.
 *
 * <p>Fields are read from the right: each proxy adds whom it was asked by, so what stands left of
 * the first address that isn't a trusted proxy's may have been made up by whoever has that address.
 */
final class Clients {
  private final ProxyTrust trust;

  Clients(ProxyTrust trust) {
    this.trust = trust;
  }

  /** Whether the address is that of a proxy, whose connections are those of others. */
  boolean isProxy(InetAddress address) {
    return trust.trusts(address);
  }

  /** Whether a connection from that address begins with the header of the PROXY protocol. */
  boolean isAnnounced(InetAddress peer) {
    return trust.header() == ProxyTrust.Header.PROXY_PROTOCOL && isProxy(peer);
  }

  /** Whether it isn't known before a request comes whose that is. */
  boolean isKnownByRequest(Client client) {
    return client.isForwarded() && trust.header() != ProxyTrust.Header.PROXY_PROTOCOL;
  }

  /** Who sent a request with these fields over a connection of that client. */
  Client of(Client connection, HttpHeaders fields) {
    if (!isProxy(connection.address().getAddress())) {
      return connection;
    }
    return switch (trust.header()) {
      case PROXY_PROTOCOL -> connection;
      case X_FORWARDED_FOR -> {
        Client client = walk(connection, fields.getAll("X-Forwarded-For"), Hop::ofNode);
        Optional<String> scheme = last(fields.getAll("X-Forwarded-Proto"));
        yield client.isForwarded() && scheme.isPresent()
            ? new Client(client.address(), true, isSecure(scheme))
            : client;
      }
      case FORWARDED -> walk(connection, fields.getAll("Forwarded"), Hop::ofForwarded);
    };
  }

  /**
   * Goes back from proxy to proxy as long as they are trusted and say where to.
   *
   * <p>Lists are parted at every comma, also at one between quotation marks, which no address has:
   * otherwise a stranger's open quotation mark would swallow what the proxy adds behind it.
   */
  private Client walk(Client connection, List<String> lines, Function<String, Hop> parser) {
    String list = String.join(",", lines);
    Client found = connection;
    for (int end = lines.isEmpty() ? -1 : list.length(), comma; end >= 0; end = comma) {
      comma = list.lastIndexOf(',', end - 1);
      Hop hop = parser.apply(list.substring(comma + 1, end).strip());
      Optional<InetSocketAddress> node = Nodes.parse(hop.node());
      found =
          new Client(
              node.orElse(found.address()), true, isSecure(hop.scheme()).or(found::isSecure));
      if (node.isEmpty() || !isProxy(node.get().getAddress())) {
        break;
      }
    }
    return found;
  }

  private static Optional<String> last(List<String> lines) {
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(lines.getLast().substring(lines.getLast().lastIndexOf(',') + 1).strip());
  }

  /** A word that is no scheme says nothing. */
  private static Optional<Boolean> isSecure(Optional<String> scheme) {
    return scheme.flatMap(
        it ->
            switch (it.toLowerCase(Locale.ROOT)) {
              case "https", "wss" -> Optional.of(true);
              case "http", "ws" -> Optional.of(false);
              default -> Optional.empty();
            });
  }
}
