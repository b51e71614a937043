package dev.halley.broker;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What all logs of a broker hold together, never more than its limit, and what they couldn't keep.
 * For use by many threads.
 */
final class ByteBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();
  private final LongAdder refusals = new LongAdder();
  private final LongAdder forgottenKeys = new LongAdder();

  ByteBudget(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  long used() {
    return used.get();
  }

  /** Publications for which there was no room. */
  LongAdder refusals() {
    return refusals;
  }

  /** What to say of something for which there was no room; it is counted. */
  BrokerUnavailableException refusal() {
    refusals.increment();
    return new BrokerUnavailableException(
        "The limit total-bytes is reached: all logs together hold at most " + limit + " bytes");
  }

  /** Idempotency keys that had to make place for others. */
  LongAdder forgottenKeys() {
    return forgottenKeys;
  }

  /** Whether {@code bytes} more can be added now. */
  boolean hasRoom(long bytes) {
    return bytes <= limit - used.get();
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
