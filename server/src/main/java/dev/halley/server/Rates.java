package dev.halley.server;

import java.util.Optional;

/**
 * How often strangers may ask for something, so that one of them can't starve the others.
 *
 * @param requestsPerAddress requests of one client's address, or of one /64 network of IPv6;
 *     loopback addresses and trusted proxies are exempt
 */
public record Rates(Optional<Rate> requestsPerAddress) {
  /** No bounds. */
  public static Rates unlimited() {
    return new Rates(Optional.empty());
  }
}
