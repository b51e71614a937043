package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.server.TokenConfig;
import dev.halley.server.access.Credentials;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where in a request its credentials stand (RFC 6750 section 2). */
final class CredentialFields {
  private static final String SCHEME = "Bearer ";
  private static final String PARAMETER = "token";

  private final Optional<TokenConfig> tokens;
  private final OriginRules origins;

  CredentialFields(ServerConfig config, OriginRules origins) {
    this.tokens = config.tokens();
    this.origins = origins;
  }

  /**
   * What a request has brought. What it says in so many words goes before its cookies, which a
   * browser sends unasked.
   *
   * @throws HttpError 400 if it says it twice, or in a place where that isn't needed
   */
  Credentials of(Exchange exchange) {
    Optional<String> bearer = bearer(exchange);
    if (tokens.isEmpty()) {
      return new Credentials(bearer, Optional.empty());
    }
    Optional<String> parameter = parameter(exchange);
    if (parameter.isPresent() && bearer.isPresent()) {
      throw HttpError.badRequest("A request has its token in one place");
    }
    return bearer.isPresent() || parameter.isPresent()
        ? new Credentials(bearer, parameter, bearer.isEmpty())
        : new Credentials(bearer, cookie(exchange, tokens.get().cookie()));
  }

  /**
   * The key that a request has brought, for what no token allows.
   *
   * @throws HttpError 400 if it says it twice
   */
  static Credentials keyOf(Exchange exchange) {
    return new Credentials(bearer(exchange), Optional.empty());
  }

  /** Other schemes are not for this server: a proxy may have asked for them. */
  private static Optional<String> bearer(Exchange exchange) {
    List<String> values = exchange.headers().getAll(HttpHeaderNames.AUTHORIZATION);
    if (values.size() > 1) {
      throw HttpError.badRequest("A request has one Authorization field");
    }
    return values.stream()
        .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
        .map(value -> value.substring(SCHEME.length()).strip())
        .findFirst();
  }

  /** Whether there is anything about a request that may be one client's secret. */
  static boolean mayBeIn(HttpRequest request) {
    if (request.headers().contains(HttpHeaderNames.AUTHORIZATION)
        || request.headers().contains(HttpHeaderNames.COOKIE)) {
      return true;
    }
    try {
      return !Query.parse(request.uri()).all(PARAMETER).isEmpty();
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  /** URLs are written down in many places, so they carry tokens only where nothing else can. */
  static Optional<String> parameter(Exchange exchange) {
    Optional<String> token = Query.of(exchange.target()).value(PARAMETER);
    if (token.isPresent() && exchange.method().equals("POST")) {
      throw HttpError.badRequest("A token for publishing stands in Authorization: Bearer");
    }
    return token;
  }

  private Optional<String> cookie(Exchange exchange, String name) {
    if (!origins.mayUseCookies(exchange)) {
      return Optional.empty();
    }
    List<String> values =
        exchange.headers().getAll(HttpHeaderNames.COOKIE).stream()
            .flatMap(line -> Arrays.stream(line.split(";", -1)))
            .map(String::strip)
            .filter(pair -> pair.startsWith(name + "="))
            .map(pair -> unquote(pair.substring(name.length() + 1)))
            .toList();
    if (values.size() > 1) {
      // One of them is from another path or subdomain, and nothing says which.
      throw HttpError.badRequest("The cookie with the token is there once");
    }
    return values.stream().findFirst();
  }

  /** RFC 6265 section 4.1.1. */
  private static String unquote(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
