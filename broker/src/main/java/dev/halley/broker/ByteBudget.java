package dev.halley.broker;

import java.util.concurrent.atomic.AtomicLong;

/** What all logs of a broker hold together, never more than its limit. For use by many threads. */
final class ByteBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  ByteBudget(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  long used() {
    return used.get();
  }

  /** Adds {@code bytes}, or nothing and returns false if that would cross the limit. */
  boolean tryAdd(long bytes) {
    long before;
    do {
      before = used.get();
      if (bytes > limit - before) {
        return false;
      }
    } while (!used.compareAndSet(before, before + bytes));
    return true;
  }

  void release(long bytes) {
    if (bytes != 0) {
      used.addAndGet(-bytes);
    }
  }
}
