package dev.halley.server.hub;

import dev.halley.server.Rate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Token buckets by whose they are, a bounded number of them. One that is full again says nothing
 * any more and is forgotten when there is no place left; to look for those takes as long as there
 * are buckets, so it happens once a second at most, however many strangers come meanwhile, and
 * whoever finds no place has to wait. For any number of threads.
 *
 * @param <K> whose they are
 */
public final class RateBuckets<K> {
  /** Some 10 MB. */
  public static final int MOST = 100_000;

  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoClock;
  private final int most;
  private final Map<K, TokenBucket> buckets = new ConcurrentHashMap<>();
  private final AtomicLong nextSweep;

  /** None yet, and at most {@code most} later. */
  public RateBuckets(LongSupplier nanoClock, int most) {
    this.nanoClock = nanoClock;
    this.most = most;
    this.nextSweep = new AtomicLong(nanoClock.getAsLong());
  }

  /** How long somebody has to wait before he may take a token, in nanoseconds; 0 is not at all. */
  long waitNanos(K whose) {
    TokenBucket bucket = buckets.get(whose);
    if (bucket != null) {
      return bucket.waitNanos(nanoClock.getAsLong());
    }
    return hasRoom() ? 0 : SWEEP_NANOS;
  }

  /** Takes tokens that somebody needn't wait for; those that there aren't he owes. */
  void charge(K whose, Rate rate, int tokens) {
    long now = nanoClock.getAsLong();
    buckets.compute(
        whose,
        (key, known) -> {
          TokenBucket bucket = known == null ? new TokenBucket(rate, now) : known;
          bucket.take(tokens, now);
          return bucket;
        });
  }

  /**
   * Takes a token, if there is one.
   *
   * @return 0, or after how many whole seconds it may be tried again
   */
  public int take(K whose, Rate rate) {
    TokenBucket known = buckets.get(whose);
    if (known == null && !hasRoom()) {
      return wholeSeconds(SWEEP_NANOS);
    }
    long now = nanoClock.getAsLong();
    TokenBucket bucket =
        known == null ? buckets.computeIfAbsent(whose, it -> new TokenBucket(rate, now)) : known;
    return wholeSeconds(bucket.take(1, now));
  }

  /** How many there are. */
  public int size() {
    return buckets.size();
  }

  /** So many seconds, rounded up. */
  static int wholeSeconds(long nanos) {
    return (int) Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1));
  }

  private boolean hasRoom() {
    if (buckets.size() >= most) {
      long now = nanoClock.getAsLong();
      long due = nextSweep.get();
      if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
        buckets.values().removeIf(bucket -> bucket.isFull(now));
      }
    }
    return buckets.size() < most;
  }
}
