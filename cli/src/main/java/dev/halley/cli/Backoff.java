package dev.halley.cli;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: anything up to a bound that doubles with each try ("full
 * jitter"), so that many clients of one server don't come back all at once. Not thread-safe.
 */
final class Backoff {
  private static final long FIRST_BOUND_MILLIS = 250;
  private static final long LAST_BOUND_MILLIS = 30_000;

  private final RandomGenerator random;
  private long boundMillis = FIRST_BOUND_MILLIS;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** The wait before the next try. */
  Duration next() {
    long wait = random.nextLong(boundMillis + 1);
    boundMillis = Math.min(boundMillis * 2, LAST_BOUND_MILLIS);
    return Duration.ofMillis(wait);
  }

  /** Something worked: the next failure is the first one. */
  void reset() {
    boundMillis = FIRST_BOUND_MILLIS;
  }
}
