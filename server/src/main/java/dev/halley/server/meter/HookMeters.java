package dev.halley.server.meter;

import dev.halley.server.HooksConfig.Event;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What is counted of questions to the application. For any thread. */
public final class HookMeters {
  /** What came of a question. */
  public enum Outcome {
    /** The application said yes. */
    ALLOWED,
    /** It said no. */
    REFUSED,
    /** An earlier answer, or that to the same question, was used. */
    REUSED,
    /** It gave no answer that could be used. */
    FAILED,
    /** It wasn't asked: too many questions wait, or it hasn't answered for a while. */
    UNASKED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Its name in metrics. */
    public String label() {
      return label;
    }
  }

  private final Map<Event, Map<Outcome, LongAdder>> asked = new EnumMap<>(Event.class);
  private final LongAdder noticesSent = new LongAdder();
  private final LongAdder noticesDropped = new LongAdder();
  private final DurationHistogram latency = new DurationHistogram();
  private final ReentrantLock lock = new ReentrantLock();
  private final IntSupplier pending;
  private final BooleanSupplier open;

  /**
   * All at zero.
   *
   * @param pending how many questions are asked or wait now
   * @param open whether the application isn't asked now, for it doesn't answer
   */
  public HookMeters(IntSupplier pending, BooleanSupplier open) {
    this.pending = pending;
    this.open = open;
    for (Event event : Event.values()) {
      Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, new LongAdder());
      }
      asked.put(event, outcomes);
    }
  }

  /** Counts one. */
  public void count(Event event, Outcome outcome) {
    asked(event, outcome).increment();
  }

  /** How many there were. */
  @SuppressWarnings("NullAway") // there is one for each
  public LongAdder asked(Event event, Outcome outcome) {
    return asked.get(event).get(outcome);
  }

  /** Notices that the application took. */
  public LongAdder noticesSent() {
    return noticesSent;
  }

  /** Notices that it wasn't given, or didn't take. */
  public LongAdder noticesDropped() {
    return noticesDropped;
  }

  /** Counts how long an answer took, all tries together. */
  public void answeredAfter(long nanos) {
    lock.lock();
    try {
      latency.record(nanos);
    } finally {
      lock.unlock();
    }
  }

  DurationHistogram latency() {
    return latency;
  }

  int pending() {
    return pending.getAsInt();
  }

  boolean isOpen() {
    return open.getAsBoolean();
  }
}
