package dev.halley.server;

import java.time.Duration;

/**
 * How it is found out who is present on a channel. How many are listed is the broker's to bound.
 *
 * @param everywhere whether each channel has presence, where no policy says otherwise
 * @param lease how long somebody counts as present after the answer to a poll, or after this server
 *     is gone; at least 1 s
 * @param grace how long somebody whose stream has ended still does, to come back without having
 *     left; 0 is not at all
 */
public record PresenceConfig(boolean everywhere, Duration lease, Duration grace) {
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

  /** Checks the times. */
  public PresenceConfig {
    if (lease.compareTo(SHORTEST_LEASE) < 0) {
      throw new IllegalArgumentException("presence.lease is at least 1 s");
    }
    if (grace.isNegative()) {
      throw new IllegalArgumentException("presence.grace is not negative");
    }
  }

  /** Only where a policy says so; a lease of 45 s, a grace of 10 s. */
  public static PresenceConfig defaults() {
    return new PresenceConfig(false, Duration.ofSeconds(45), Duration.ofSeconds(10));
  }
}
