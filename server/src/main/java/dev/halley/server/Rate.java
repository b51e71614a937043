package dev.halley.server;

import java.time.Duration;

/**
 * How often something may happen: {@code count} times at once, and so many again, evenly spread, in
 * each {@code period}.
 *
 * @param count at least 1
 * @param period 1 ms to 1 day
 */
public record Rate(int count, Duration period) {
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofDays(1);

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public Rate {
    if (count < 1 || period.compareTo(LEAST) < 0 || period.compareTo(MOST) > 0) {
      throw new IllegalArgumentException("a rate is at least 1 in 1 ms to 1 day");
    }
  }

  /** So many in each second. */
  public static Rate perSecond(int count) {
    return new Rate(count, Duration.ofSeconds(1));
  }
}
