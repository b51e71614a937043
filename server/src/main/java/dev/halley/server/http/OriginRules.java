package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.websocket.Header;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which pages may use the server.
 *
 * <p>A browser sends a user's cookies with a request of any page, and doesn't protect WebSockets by
 * the same-origin policy at all (RFC 6455 section 10.2). So a request with an {@code Origin} is
 * answered only if that is the server's own or an allowed one; a request without is not a foreign
 * page's.
 */
final class OriginRules {
  private static final String ANY = "*";

  private final Set<String> allowedOrigins;
  private final boolean anyOrigin;

  OriginRules(ServerConfig.Access access) {
    allowedOrigins =
        access.allowedOrigins().stream()
            .map(origin -> origin.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    anyOrigin = allowedOrigins.contains(ANY);
  }

  /**
   * Lets a request of a page pass or not, and adds the fields with which a browser hands the answer
   * to it (Fetch standard, section 3.2).
   *
   * @throws HttpError 403 if the page's origin may not use the server
   */
  void checkOrigin(Exchange exchange) {
    List<String> origins = exchange.headers().getAll(HttpHeaderNames.ORIGIN);
    if (origins.isEmpty()) {
      return;
    }
    String origin = origins.get(0);
    boolean listed = allowedOrigins.contains(origin.toLowerCase(Locale.ROOT));
    if (origins.size() > 1 || !(listed || anyOrigin || isOwn(origin, exchange))) {
      throw new HttpError(
          HttpResponseStatus.FORBIDDEN, "This origin may not use this server; see --allow-origin");
    }
    exchange.addHeader(new Header("Vary", "Origin"));
    exchange.addHeader(
        new Header("Access-Control-Allow-Origin", listed || !anyOrigin ? origin : ANY));
    if (listed) {
      exchange.addHeader(new Header("Access-Control-Allow-Credentials", "true"));
    }
    exchange.addHeader(
        new Header("Access-Control-Expose-Headers", "ETag, Halley-Position, Retry-After"));
  }

  /**
   * Whether the cookies of a request that has passed {@link #checkOrigin} are its user's will.
   * Where every page is allowed they aren't: WebSockets know no "without credentials".
   */
  boolean mayUseCookies(Exchange exchange) {
    String origin = exchange.headers().get(HttpHeaderNames.ORIGIN);
    return origin == null
        || allowedOrigins.contains(origin.toLowerCase(Locale.ROOT))
        || isOwn(origin, exchange);
  }

  /** Answers a preflight of an origin that has passed {@link #checkOrigin}. */
  void respondToPreflight(Exchange exchange) {
    exchange.respondEmpty(
        HttpResponseStatus.NO_CONTENT,
        List.of(
            new Header("Access-Control-Allow-Methods", "GET, POST"),
            new Header(
                "Access-Control-Allow-Headers",
                "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match,"
                    + " Last-Event-ID, Prefer, traceparent, tracestate"),
            new Header("Access-Control-Max-Age", "600"),
            new Header("Allow", "GET, POST, OPTIONS")));
  }

  /** Whether an origin is the server itself, as the request names it. */
  static boolean isOwn(String origin, Exchange exchange) {
    String host = exchange.headers().get(HttpHeaderNames.HOST);
    if (host == null) {
      return false;
    }
    try {
      URI uri = URI.create(origin);
      String scheme = uri.getScheme();
      // A proxy in front may add what encrypts without a word, and nobody takes it away again.
      return ("https".equals(scheme) || ("http".equals(scheme) && !exchange.isSecure()))
          && host.equalsIgnoreCase(uri.getRawAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
