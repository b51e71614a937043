package dev.halley.server.access;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Whom the application is asked about, as it gets to see it.
 *
 * @param id of this connection and no other, anywhere
 * @param address the client's
 * @param transport by which it listens, or {@code http} for a publication
 * @param headers of its request, those that the application wants, by name in lower case
 * @param token of {@code ?token=}, where that is the application's own to read
 * @param since when the request came
 */
public record Visitor(
    String id,
    String address,
    String transport,
    Map<String, String> headers,
    Optional<String> token,
    Instant since) {
  /** The same with another token. */
  Visitor withToken(String other) {
    return new Visitor(id, address, transport, headers, Optional.of(other), since);
  }

  /** Fields and token are secret. */
  @Override
  public String toString() {
    return "Visitor[" + id + ", " + transport + "]";
  }
}
