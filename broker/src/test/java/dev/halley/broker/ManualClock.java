package dev.halley.broker;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is told to move. */
final class ManualClock implements InstantSource {
  private final AtomicLong millis = new AtomicLong(1_000_000);

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis.get());
  }

  @Override
  public long millis() {
    return millis.get();
  }

  void advance(Duration time) {
    millis.addAndGet(time.toMillis());
  }
}
