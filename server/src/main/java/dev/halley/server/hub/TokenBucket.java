package dev.halley.server.hub;

import dev.halley.server.Rate;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets through what keeps to a rate. All of its state is the moment at which the bucket will be
 * full again, so a full one is the same as none. For use by many threads.
 */
final class TokenBucket {
  /** Some 36 years. Far from where sums overflow. */
  private static final long LONGEST_DEBT = Long.MAX_VALUE / 8;

  private final long periodNanos;
  private final long tokenNanos;
  private final AtomicLong fullAt;

  /** A full one. */
  TokenBucket(Rate rate, long nowNanos) {
    periodNanos = rate.period().toNanos();
    tokenNanos = Math.max(1, periodNanos / rate.count());
    fullAt = new AtomicLong(nowNanos);
  }

  /**
   * How long until there is a token; 0 if there is one now.
   *
   * @param nowNanos as {@link System#nanoTime}
   */
  long waitNanos(long nowNanos) {
    return waitNanos(fullAt.get(), nowNanos);
  }

  /**
   * Takes tokens, or none if there is none now. What one taker needs beyond those that are there it
   * owes, and nobody gets one before that is paid: so a batch that is larger than the bucket
   * passes, and the rate is kept all the same.
   *
   * @return how long until there is one; 0 if they were taken
   */
  long take(int tokens, long nowNanos) {
    while (true) {
      long before = fullAt.get();
      long wait = waitNanos(before, nowNanos);
      if (wait > 0) {
        return wait;
      }
      long start = before - nowNanos > 0 ? before : nowNanos;
      if (fullAt.compareAndSet(before, start + cost(tokens))) {
        return 0;
      }
    }
  }

  /** Whether it is as a new one. */
  boolean isFull(long nowNanos) {
    return fullAt.get() - nowNanos <= 0;
  }

  private long cost(int tokens) {
    return tokens <= LONGEST_DEBT / tokenNanos ? tokens * tokenNanos : LONGEST_DEBT;
  }

  private long waitNanos(long fullAtNanos, long nowNanos) {
    return Math.max(0, fullAtNanos - nowNanos + tokenNanos - periodNanos);
  }
}
