package dev.halley.showcase.game;

import java.util.function.LongSupplier;

/** A bucket of tokens that fills up steadily. Not for several threads. */
final class RateLimit {
  private static final double NANOS = 1e9;

  private final double perSecond;
  private final double most;
  private final LongSupplier nanoTime;
  private double tokens;
  private long last;

  RateLimit(double perSecond, double most, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.most = most;
    this.nanoTime = nanoTime;
    this.tokens = most;
    this.last = nanoTime.getAsLong();
  }

  /** Takes a token, if there is one. */
  boolean tryTake() {
    long now = nanoTime.getAsLong();
    tokens = Math.min(most, tokens + (now - last) * perSecond / NANOS);
    last = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
