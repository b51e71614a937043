package dev.halley.server.meter;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/** How often something took how long, in fixed buckets. One event loop writes, any thread reads. */
public final class DurationHistogram {
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The largest duration of each bucket but the last, in nanoseconds. */
  private static final long[] BOUNDS = bounds();

  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
  private final OwnedCounter nanos = new OwnedCounter();

  DurationHistogram() {}

  /** 10 µs, 25 µs, 50 µs, 100 µs, … 10 s. */
  private static long[] bounds() {
    long[] bounds = new long[19];
    long decade = TimeUnit.MICROSECONDS.toNanos(10);
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] =
          switch (i % 3) {
            case 0 -> decade;
            case 1 -> decade * 5 / 2;
            default -> decade * 5;
          };
      if (i % 3 == 2) {
        decade *= 10;
      }
    }
    return bounds;
  }

  /** The largest duration of each bucket, in seconds; that of the last one is infinite. */
  static double[] boundsInSeconds() {
    double[] seconds = new double[BOUNDS.length + 1];
    for (int i = 0; i < BOUNDS.length; i++) {
      seconds[i] = BOUNDS[i] / NANOS_PER_SECOND;
    }
    seconds[BOUNDS.length] = Double.POSITIVE_INFINITY;
    return seconds;
  }

  /** Counts one. The owner only. */
  public void record(long durationNanos) {
    long duration = Math.max(durationNanos, 0);
    int bucket = 0;
    while (bucket < BOUNDS.length && duration > BOUNDS[bucket]) {
      bucket++;
    }
    counts.setOpaque(bucket, counts.getPlain(bucket) + 1);
    nanos.add(duration);
  }

  /** Adds the buckets' counts to {@code into}, which has one place for each. Any thread. */
  void addCounts(long[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] += counts.getOpaque(i);
    }
  }

  /** All durations together, in seconds. Any thread. */
  double sumInSeconds() {
    return nanos.get() / NANOS_PER_SECOND;
  }
}
