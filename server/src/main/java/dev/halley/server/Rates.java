package dev.halley.server;

import java.util.Optional;

/**
 * How often strangers may ask for something, so that one of them can't starve the others.
 *
 * @param requestsPerAddress requests of one client's address, or of one /64 network of IPv6;
 *     loopback addresses and trusted proxies are exempt
 * @param publicationsPerAddress publications of the same, by requests and WebSockets together; who
 *     has the API key is exempt
 * @param publicationsPerUser publications of one token's subject, from wherever they come
 */
public record Rates(
    Optional<Rate> requestsPerAddress,
    Optional<Rate> publicationsPerAddress,
    Optional<Rate> publicationsPerUser) {
  /** No bounds. */
  public static Rates unlimited() {
    return new Rates(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
