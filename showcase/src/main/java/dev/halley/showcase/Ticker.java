package dev.halley.showcase;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does something again and again. */
@FunctionalInterface
interface Ticker {
  /** Begins one period from now, and returns what ends it. */
  Runnable every(Duration period, Runnable task);

  /** One on threads of an executor. */
  static Ticker on(ScheduledExecutorService executor) {
    return (period, task) -> {
      long nanos = period.toNanos();
      Future<?> running = executor.scheduleAtFixedRate(task, nanos, nanos, TimeUnit.NANOSECONDS);
      return () -> running.cancel(false);
    };
  }
}
