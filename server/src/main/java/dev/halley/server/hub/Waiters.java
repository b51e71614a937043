package dev.halley.server.hub;

import dev.halley.server.Failures;
import java.util.Objects;

/** Those who wait on one channel, in the order in which they came: a ring. */
@SuppressWarnings("ReferenceEquality") // whether it is this link of the ring
final class Waiters {
  private final Waiter ends = new Mark();

  /** Behind those who are being woken. */
  private final Waiter newcomers = new Mark();

  Waiters() {
    ends.before = ends;
    ends.after = ends;
  }

  boolean isEmpty() {
    return ends.after == ends;
  }

  /** How many there are; looks at each. */
  int count() {
    int count = 0;
    for (Waiter it = ends.after; it != ends && it != null; it = it.after) {
      count++;
    }
    return count;
  }

  /** Adds one who waits nowhere. */
  void add(Waiter waiter) {
    Waiter last = Objects.requireNonNull(ends.before);
    waiter.before = last;
    waiter.after = ends;
    last.after = waiter;
    ends.before = waiter;
  }

  /** Takes one off who may have been taken off before. */
  void remove(Waiter waiter) {
    Waiter before = waiter.before;
    Waiter after = waiter.after;
    if (before != null && after != null) {
      before.after = after;
      after.before = before;
      waiter.before = null;
      waiter.after = null;
    }
  }

  /**
   * Takes off and wakes all who wait now, whatever one of them throws. Whoever comes meanwhile
   * waits for the next time.
   */
  void wakeAll(Failures failures) {
    add(newcomers);
    for (Waiter next = first(); next != newcomers; next = first()) {
      remove(next);
      try {
        next.wake();
      } catch (Throwable e) {
        failures.contain(Failures.Place.DELIVERY, e);
      }
    }
    remove(newcomers);
  }

  private Waiter first() {
    return Objects.requireNonNull(ends.after);
  }

  private static final class Mark extends Waiter {
    @Override
    public void wake() {
      throw new IllegalStateException("Nobody waits here");
    }
  }
}
