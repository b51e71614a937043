package dev.halley.server;

import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong inside and stayed where it happened. Each boundary around code that may throw
 * tells of it here, whatever was thrown, and then ends the one connection, request or timer that it
 * belongs to. Each failure is counted; the first of its kind is logged, and of the others now and
 * then how many they were. For any thread.
 *
 * <p>Nothing here throws, and counting allocates nothing: it is called when memory has run out.
 */
public final class Failures {
  /** Where something was thrown. */
  public enum Place {
    /** While a connection was read, written or closed: the connection ends. */
    CONNECTION("connection"),
    /** While a request was answered: it is answered with 500, or its connection ends. */
    REQUEST("request"),
    /** While publications were delivered: the subscriber ends, or the delivery is tried again. */
    DELIVERY("delivery"),
    /** When a deadline had passed: the connection that it was for ends. */
    TIMER("timer"),
    /** In something else that an event loop ran. */
    TASK("task"),
    /** In the application's code: its WebSocket ends. */
    APPLICATION("application"),
    /** In the broker, or in what it calls. */
    BROKER("broker"),
    /** While the application was asked by a web hook: whoever waits is refused. */
    HOOK("hook"),
    /** While keys or certificates were looked at: those before stay. */
    CREDENTIALS("credentials"),
    /** While a connection was accepted: accepting pauses. */
    ACCEPT("accept"),
    /** In the event loop itself: it goes on. */
    LOOP("loop");

    private final String label;

    Place(String label) {
      this.label = label;
    }

    /** As metrics and the log name it. */
    public String label() {
      return label;
    }
  }

  /** Kinds that are told apart for each place; others are counted and never logged. */
  private static final int MOST_KINDS = 32;

  private static final long SUMMARY_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What one place has seen. */
  private static final class Seen {
    final AtomicLong count = new AtomicLong();
    final AtomicIntegerArray kinds = new AtomicIntegerArray(MOST_KINDS);
  }

  private final Map<Place, Seen> places = new EnumMap<>(Place.class);
  private final AtomicLong unsaid = new AtomicLong();
  private final AtomicLong summaryNanos = new AtomicLong(System.nanoTime());
  private final AtomicBoolean saying = new AtomicBoolean();

  /** None yet. */
  public Failures() {
    for (Place place : Place.values()) {
      places.put(place, new Seen());
    }
  }

  /** Notes what was thrown. The caller ends what it belongs to. */
  public void contain(Place place, Throwable failure) {
    contain(place, failure, "");
  }

  /**
   * As {@link #contain(Place, Throwable)}.
   *
   * @param detail is added to the line, if there is one
   */
  public void contain(Place place, Throwable failure, String detail) {
    Seen seen = seen(place);
    seen.count.incrementAndGet();
    try {
      say(place, seen.kinds, failure, detail);
    } catch (Throwable e) {
      // There is no memory for a line, or no file for the log. The count has it.
    }
  }

  /** Counts one that is said in the log by its place itself. */
  void note(Place place) {
    seen(place).count.incrementAndGet();
  }

  /** How many there were. */
  public long count(Place place) {
    return seen(place).count.get();
  }

  private Seen seen(Place place) {
    return Objects.requireNonNull(places.get(place));
  }

  private void say(Place place, AtomicIntegerArray kinds, Throwable failure, String detail) {
    int slot = slotFor(kinds, kindOf(failure));
    if (slot < 0) {
      unsaid.incrementAndGet();
      summarize();
      return;
    }
    boolean said = false;
    try {
      log(
          "A failure was contained ("
              + place.label
              + detail
              + "); others of its kind are only counted",
          failure);
      said = true;
    } finally {
      if (!said) {
        kinds.set(slot, 0);
      }
    }
  }

  /** The class of what was thrown and where: never 0. */
  private static int kindOf(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    int hash = failure.getClass().hashCode();
    if (trace.length > 0) {
      hash = 31 * hash + trace[0].hashCode();
    }
    return hash == 0 ? 1 : hash;
  }

  /** Takes a place for a kind; -1 if it has one, or there is none. */
  private static int slotFor(AtomicIntegerArray kinds, int kind) {
    for (int slot = 0; slot < MOST_KINDS; slot++) {
      int known = kinds.get(slot);
      if (known == 0 && kinds.compareAndSet(slot, 0, kind)) {
        return slot;
      }
      if (kinds.get(slot) == kind) {
        return -1;
      }
    }
    return -1;
  }

  private void summarize() {
    long last = summaryNanos.get();
    long now = System.nanoTime();
    if (now - last < SUMMARY_NANOS || !saying.compareAndSet(false, true)) {
      return;
    }
    try {
      summaryNanos.set(now);
      long count = unsaid.get();
      log(count + " failures of kinds that were logged before were contained since", null);
      unsaid.addAndGet(-count);
    } finally {
      saying.set(false);
    }
  }

  private static void log(String line, @Nullable Throwable failure) {
    // Not kept: the first logger that is asked for looks for a logging system in each jar.
    System.getLogger(Failures.class.getName()).log(Level.ERROR, line, failure);
  }
}
