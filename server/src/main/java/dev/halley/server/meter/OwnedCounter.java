package dev.halley.server.meter;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number that one event loop writes and any thread may read: a plain addition for the writer,
 * with no lock and no contention. Readers see a recent value, never a torn one.
 */
public final class OwnedCounter {
  private final AtomicLong value = new AtomicLong();

  /** At zero. */
  OwnedCounter() {}

  /** Adds, or takes away. The owner only. */
  public void add(long amount) {
    value.setOpaque(value.getPlain() + amount);
  }

  /** One more. The owner only. */
  public void increment() {
    add(1);
  }

  /** One less. The owner only. */
  public void decrement() {
    add(-1);
  }

  /** The value. Any thread. */
  public long get() {
    return value.getOpaque();
  }
}
