package dev.halley.cli.chaos;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What was confirmed to a publisher and what its readers got. For all threads. */
final class Ledger {
  private final ConcurrentMap<Long, Long> confirmedAt = new ConcurrentHashMap<>();
  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final AtomicLong cuts = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();
  private final AtomicLong latest = new AtomicLong();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  /** Numbers are confirmed in their order, from 0. */
  void confirm(long number) {
    confirmedAt.put(number, System.nanoTime());
    confirmed.set(number + 1);
  }

  long confirmed() {
    return confirmed.get();
  }

  void deliver(long number) {
    delivered.incrementAndGet();
    // A delivery may overtake its confirmation.
    Long at = confirmedAt.get(number);
    if (at != null) {
      max(latest, System.nanoTime() - at);
    }
  }

  void gap() {
    gaps.incrementAndGet();
  }

  void refused() {
    refusals.incrementAndGet();
  }

  void cut() {
    cuts.incrementAndGet();
  }

  void answered(long nanos) {
    max(slowest, nanos);
  }

  void fault(String text) {
    if (!faults.contains(text)) {
      faults.add(text);
    }
  }

  private static void max(AtomicLong most, long nanos) {
    most.accumulateAndGet(nanos, Math::max);
  }

  Outcome outcome() {
    return new Outcome(
        confirmed.get(),
        delivered.get(),
        gaps.get(),
        refusals.get(),
        cuts.get(),
        TimeUnit.NANOSECONDS.toMillis(slowest.get()),
        TimeUnit.NANOSECONDS.toMillis(latest.get()),
        List.copyOf(faults));
  }
}
