package dev.halley.server.http;

import dev.halley.server.OriginPattern;
import dev.halley.server.ServerConfig;
import dev.halley.websocket.Header;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may use the server, and what its answers say to their browsers (Fetch standard,
 * section 3.2).
 *
 * <p>A browser sends a user's cookies with a request of any page, and doesn't protect WebSockets by
 * the same-origin policy at all (RFC 6455 section 10.2). So a request with an {@code Origin} is
 * answered only if that is the server's own or an allowed one; a request without is not a foreign
 * page's. A foreign page may read that it is refused, and nothing else: that it is there it knows.
 */
final class OriginRules {
  private static final String ANY = "*";

  private static final Header VARY = new Header("Vary", "Origin");
  private static final Header WITH_CREDENTIALS =
      new Header("Access-Control-Allow-Credentials", "true");
  private static final Header TO_ANY = allow(ANY);
  private static final Header EXPOSED =
      new Header(
          "Access-Control-Expose-Headers",
          "Allow, ETag, Halley-Position, Preference-Applied, Retry-After, WWW-Authenticate");

  /** Whose page sent a request. */
  private enum Page {
    /** No page of another server, as far as a browser says. */
    NONE,
    OWN,
    /** One of an origin that is allowed by name. */
    LISTED,
    /** One that may use the server because every page may. */
    ANY,
    FOREIGN
  }

  private final Set<String> allowedOrigins;
  private final List<OriginPattern> allowedPatterns;
  private final boolean anyOrigin;
  private final RefusedOrigins refused = new RefusedOrigins();

  OriginRules(ServerConfig.Access access) {
    List<OriginPattern> patterns =
        access.allowedOrigins().stream().map(OriginPattern::parse).toList();
    anyOrigin = patterns.stream().anyMatch(OriginPattern::isAny);
    allowedOrigins =
        patterns.stream().map(OriginPattern::toString).collect(Collectors.toUnmodifiableSet());
    allowedPatterns =
        patterns.stream().filter(it -> !it.isAny() && it.toString().contains(ANY)).toList();
  }

  /**
   * Gives the answer of an exchange, whatever it will be, the fields with which a browser hands it
   * to the page.
   *
   * @return whether the page may use the server
   */
  boolean prepare(Exchange exchange) {
    List<String> origins = exchange.headers().getAll(HttpHeaderNames.ORIGIN);
    if (origins.isEmpty()) {
      return true;
    }
    Page page = page(origins, exchange.headers(), exchange.isSecure());
    boolean preflight = exchange.method().equals("OPTIONS");
    for (Header field : fields(page, origins.getFirst(), preflight)) {
      exchange.addHeader(field);
    }
    return page != Page.FOREIGN;
  }

  /** Refuses a foreign page, and tells the operator what would allow it. */
  HttpError refusal(Exchange exchange) {
    String origin = exchange.headers().get(HttpHeaderNames.ORIGIN, "");
    refused.tell(origin);
    return new HttpError(
        HttpResponseStatus.FORBIDDEN,
        origin.equals("null")
            ? "Pages without an origin (of a file or a sandbox) may not use this server"
            : "Pages of this origin may not use this server: its operator allows them with --allow-origin "
                + RefusedOrigins.shown(origin));
  }

  /**
   * The same fields for the answer to what never becomes an exchange.
   *
   * @param headers those of the request; null if they couldn't be read, and with them whose page it
   *     is: then any may read what is wrong
   */
  List<Header> fieldsOfRefusal(@Nullable HttpHeaders headers, boolean secure) {
    if (headers == null) {
      return List.of(TO_ANY, EXPOSED);
    }
    List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
    return origins.isEmpty()
        ? List.of()
        : fields(page(origins, headers, secure), origins.getFirst(), false);
  }

  private static List<Header> fields(Page page, String origin, boolean preflight) {
    List<Header> fields = new ArrayList<>(4);
    fields.add(VARY);
    if (page == Page.FOREIGN && preflight) {
      return fields; // what needs to be asked for isn't sent
    }
    fields.add(page == Page.ANY ? TO_ANY : allow(origin));
    if (page == Page.LISTED) {
      fields.add(WITH_CREDENTIALS);
    }
    fields.add(EXPOSED);
    return fields;
  }

  private static Header allow(String origin) {
    return new Header("Access-Control-Allow-Origin", origin);
  }

  private Page page(List<String> origins, HttpHeaders headers, boolean secure) {
    if (origins.size() > 1) {
      return Page.FOREIGN;
    }
    String origin = OriginPattern.normalize(origins.getFirst());
    if (isListed(origin)) {
      return Page.LISTED;
    }
    // Its own page needs no permission, but where every page has it that is without credentials.
    if (anyOrigin) {
      return Page.ANY;
    }
    return isOwn(origin, headers, secure) ? Page.OWN : Page.FOREIGN;
  }

  private boolean isListed(String normalized) {
    if (allowedOrigins.contains(normalized) && !normalized.equals(ANY)) {
      return true;
    }
    for (int i = 0; i < allowedPatterns.size(); i++) {
      if (allowedPatterns.get(i).matches(normalized)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the cookies of a request that has passed {@link #prepare} are its user's will. Where
   * every page is allowed they aren't: WebSockets know no "without credentials". What a page of
   * another site fetches without asking for the answer (an image, a frame, a link) has no {@code
   * Origin}; browsers say by {@code Sec-Fetch-Site} whose it is.
   */
  boolean mayUseCookies(Exchange exchange) {
    HttpHeaders headers = exchange.headers();
    String origin = headers.get(HttpHeaderNames.ORIGIN);
    if (origin == null) {
      String site = headers.get("Sec-Fetch-Site", "none");
      return site.equals("none") || site.equals("same-origin");
    }
    String normalized = OriginPattern.normalize(origin);
    return isListed(normalized) || isOwn(normalized, headers, exchange.isSecure());
  }

  /**
   * Answers a preflight of a page that may use the server, and any other OPTIONS.
   *
   * @param allowed the methods that the path takes
   */
  void respondToPreflight(Exchange exchange, String allowed) {
    List<Header> headers = new ArrayList<>(5);
    headers.add(new Header("Access-Control-Allow-Methods", "GET, POST"));
    headers.add(
        new Header(
            "Access-Control-Allow-Headers",
            "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match,"
                + " Last-Event-ID, Prefer, traceparent, tracestate"));
    headers.add(new Header("Access-Control-Max-Age", "600"));
    headers.add(new Header("Allow", allowed));
    if (exchange.headers().contains("Access-Control-Request-Private-Network", "true", true)) {
      headers.add(new Header("Access-Control-Allow-Private-Network", "true"));
    }
    exchange.respondEmpty(HttpResponseStatus.NO_CONTENT, headers);
  }

  /** Whether an origin is the server itself, as the request names it. */
  static boolean isOwn(String origin, Exchange exchange) {
    return isOwn(OriginPattern.normalize(origin), exchange.headers(), exchange.isSecure());
  }

  private static boolean isOwn(String origin, HttpHeaders headers, boolean secure) {
    String host = headers.get(HttpHeaderNames.HOST);
    int end = origin.indexOf("://");
    if (host == null || host.isEmpty() || end < 0) {
      return false;
    }
    String scheme = origin.substring(0, end);
    // A proxy in front may add what encrypts without a word, and nobody takes it away again.
    return (scheme.equals("https") || (scheme.equals("http") && !secure))
        && origin.equals(OriginPattern.normalize(scheme + "://" + host));
  }
}
