package dev.halley.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that goes when it is told. */
public final class ManualClock implements InstantSource {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.ofEpochSecond(1_800_000_000));

  @Override
  public Instant instant() {
    return now.get();
  }

  /** So much later. */
  public void advance(Duration by) {
    now.updateAndGet(it -> it.plus(by));
  }
}
