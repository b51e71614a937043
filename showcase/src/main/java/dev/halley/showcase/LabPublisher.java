package dev.halley.showcase;

import java.time.Duration;

/**
 * Publishes at a rate while somebody watches. Safe for use by many threads.
 *
 * <p>The rate is everybody's: who moves the slider moves it for all who watch.
 */
final class LabPublisher implements AutoCloseable {
  static final double SLOWEST = 0.1;
  static final double FASTEST = 20;
  private static final double FIRST = 2;

  private final Ticker ticker;
  private final Runnable publish;
  private double rate = FIRST;
  private int watchers;
  private Runnable stop = () -> {};

  /** One that nobody watches. */
  LabPublisher(Ticker ticker, Runnable publish) {
    this.ticker = ticker;
    this.publish = publish;
  }

  /** One more watches. */
  synchronized void join() {
    watchers++;
    if (watchers == 1) {
      start();
    }
  }

  /** One less watches. */
  synchronized void leave() {
    watchers--;
    if (watchers == 0) {
      stop.run();
    }
  }

  /** Changes how many are published in a second, within the bounds. */
  synchronized void setRate(double perSecond) {
    if (Double.isNaN(perSecond)) {
      return;
    }
    rate = Math.clamp(perSecond, SLOWEST, FASTEST);
    if (watchers > 0) {
      stop.run();
      start();
    }
  }

  /** How many are published in a second while somebody watches. */
  synchronized double rate() {
    return rate;
  }

  /** How many watch. */
  synchronized int watchers() {
    return watchers;
  }

  @Override
  public synchronized void close() {
    stop.run();
  }

  private void start() {
    stop = ticker.every(Duration.ofNanos(Math.round(1e9 / rate)), publish);
  }
}
