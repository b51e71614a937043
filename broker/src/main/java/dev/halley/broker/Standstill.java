package dev.halley.broker;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notices that this process stood still: it was stopped, its machine suspended, its garbage
 * collected. Nobody could renew a lease meanwhile, so none ends before there was time to.
 */
final class Standstill {
  /** Who looks each second, and looks again after more than that, has stood still. */
  static final long NOTICED_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** In which whoever is still there renews what is his. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanoClock;
  private long lookedNanos;
  private long patience;

  /** Begins to look. */
  Standstill(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.lookedNanos = nanoClock.getAsLong();
  }

  /** Looks, and says whether it was so short a time ago that leases are left alone. */
  boolean isRecent() {
    long now = nanoClock.getAsLong();
    long passed = now - lookedNanos;
    lookedNanos = now;
    patience = passed > NOTICED_NANOS ? PATIENCE_NANOS : Math.max(patience - passed, 0);
    return patience > 0;
  }
}
