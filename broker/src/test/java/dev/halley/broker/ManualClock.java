package dev.halley.broker;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is told to move, and may be set. */
final class ManualClock implements InstantSource {
  private final AtomicLong millis = new AtomicLong(1_000_000);
  private final AtomicLong passedMillis = new AtomicLong();

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis.get());
  }

  @Override
  public long millis() {
    return millis.get();
  }

  /** Time passes. */
  void advance(Duration time) {
    millis.addAndGet(time.toMillis());
    passedMillis.addAndGet(time.toMillis());
  }

  /** Somebody sets the time of day. No time passes. */
  void set(Duration by) {
    millis.addAndGet(by.toMillis());
  }

  BrokerClock both() {
    return new BrokerClock(this, () -> passedMillis.get() * 1_000_000);
  }
}
