package dev.halley.server.hub;

import dev.halley.server.Limit;
import java.util.Optional;

/**
 * A rate that stands against a publication now.
 *
 * @param limit which one
 * @param seconds after how many it may be tried again, at least 1
 */
public record RateExceeded(Limit limit, int seconds) {
  static Optional<RateExceeded> of(Limit limit, long waitNanos) {
    return waitNanos == 0
        ? Optional.empty()
        : Optional.of(new RateExceeded(limit, RateBuckets.wholeSeconds(waitNanos)));
  }

  /** What to say to whoever publishes. */
  public String rule() {
    return "This comes more often than " + limit.key() + " allows: again in " + seconds + " s";
  }
}
