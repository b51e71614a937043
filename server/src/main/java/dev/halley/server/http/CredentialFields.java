package dev.halley.server.http;

import dev.halley.server.access.Credentials;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.Optional;

/** Where in a request its credentials stand. */
final class CredentialFields {
  private static final String SCHEME = "Bearer ";

  private CredentialFields() {}

  /**
   * What a request has brought.
   *
   * @throws HttpError 400 if it contradicts itself
   */
  static Credentials of(Exchange exchange) {
    return new Credentials(bearer(exchange));
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
}
