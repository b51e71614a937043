package dev.halley.broker;

import java.time.Duration;

/**
 * How much of one channel's log is kept. What is over goes, the oldest first.
 *
 * @param publications at most so many, 1 to 2^30
 * @param bytes at most so many bytes of payload, at least 1; the newest publication is kept
 *     whatever its size
 * @param age nothing that was appended longer ago, 1 ms to 36,500 days; this one may empty a log
 */
public record HistoryLimits(int publications, long bytes, Duration age) {
  private static final int MAX_PUBLICATIONS = 1 << 30;

  /**
   * Checks all.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public HistoryLimits {
    if (publications < 1 || publications > MAX_PUBLICATIONS) {
      throw new IllegalArgumentException("A history keeps 1 to 2^30 publications");
    }
    if (bytes < 1) {
      throw new IllegalArgumentException("A history keeps at least 1 byte");
    }
    Durations.requireInRange(age, "A history's age");
  }

  /** What suits most: 1,000 publications, 8 MiB, one hour. */
  public static HistoryLimits defaults() {
    return new HistoryLimits(1_000, 8 << 20, Duration.ofHours(1));
  }
}
