package dev.halley.broker;

import java.time.Duration;

/** The range of durations that can be set. Within it, sums of milliseconds don't overflow. */
final class Durations {
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofDays(36_500);

  private Durations() {}

  static void requireInRange(Duration duration, String name) {
    if (duration.compareTo(LEAST) < 0 || duration.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(name + " is 1 ms to 36,500 days");
    }
  }
}
