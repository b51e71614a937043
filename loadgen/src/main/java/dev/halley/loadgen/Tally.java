package dev.halley.loadgen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** Counts, latencies and faults of one measurement, and the phases that it goes through. */
final class Tally {
  /** How long anything may take that has no time of its own. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final int MOST_FAULTS = 10;
  private static final long LONGEST_LATENCY = TimeUnit.MINUTES.toNanos(2);

  private final List<String> faults = new ArrayList<>();
  private final Histogram latencies = new Histogram(LONGEST_LATENCY, 3);
  private long faultCount;
  private long messages;
  private int open;

  /** A connection is there. */
  void opened() {
    open++;
  }

  /** How many connections have come to be there. */
  int open() {
    return open;
  }

  /** A message has arrived that was sent at {@code sentNanos}. */
  void message(long sentNanos) {
    messages++;
    latencies.recordValue(Math.clamp(System.nanoTime() - sentNanos, 0, LONGEST_LATENCY));
  }

  /** Something went wrong; the first few are kept in words. */
  void fault(String what) {
    faultCount++;
    if (faults.size() < MOST_FAULTS) {
      faults.add(what);
    }
  }

  boolean isBroken() {
    return faultCount > 0;
  }

  long messages() {
    return messages;
  }

  /** Runs until {@code done}, or until something went wrong. */
  void await(LoadLoop loop, String what, BooleanSupplier done) throws IOException {
    boolean inTime =
        loop.runUntil(() -> isBroken() || done.getAsBoolean(), System.nanoTime() + PATIENCE_NANOS);
    if (!inTime && !isBroken()) {
      fault("gave up after 60 s while " + what);
    }
  }

  /** Runs for so long, saying once a second how far it is; ends early when something goes wrong. */
  double run(
      LoadLoop loop, String what, double seconds, Consumer<String> progress, LongSupplier count)
      throws IOException {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long before = count.getAsLong();
    while (!isBroken() && System.nanoTime() < end) {
      long second = Math.min(end, System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
      loop.runUntil(this::isBroken, second);
      double elapsed = (System.nanoTime() - start) / 1e9;
      progress.accept(
          "%s: %.0f of %.0f s, %,.0f/s"
              .formatted(what, elapsed, seconds, (count.getAsLong() - before) / elapsed));
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /**
   * Warms up for a quarter of the time, forgets that, and measures.
   *
   * @param unit what a message is called
   */
  LoadResult measure(
      LoadLoop loop,
      String what,
      String unit,
      double seconds,
      ServerProbe server,
      Consumer<String> progress)
      throws IOException {
    run(loop, what + ", warming up", seconds / 4, progress, this::messages);
    latencies.reset();
    long before = messages;
    OptionalLong cpu = server.cpuNanos();
    double elapsed = run(loop, what, seconds, progress, this::messages);
    long count = messages - before;
    Map<String, Double> further = new HashMap<>();
    OptionalLong cpuAfter = server.cpuNanos();
    if (cpu.isPresent() && cpuAfter.isPresent() && count > 0) {
      double micros = (cpuAfter.getAsLong() - cpu.getAsLong()) / 1e3;
      further.put("server CPU, µs per " + unit, micros / count);
    }
    return result(what, elapsed, count, unit, further);
  }

  /** What it all came to. */
  LoadResult result(
      String what, double seconds, long count, String unit, Map<String, Double> further) {
    Optional<LoadResult.Latency> latency =
        latencies.getTotalCount() == 0
            ? Optional.empty()
            : Optional.of(
                new LoadResult.Latency(
                    latencies.getValueAtPercentile(50) / 1e3,
                    latencies.getValueAtPercentile(99) / 1e3,
                    latencies.getValueAtPercentile(99.9) / 1e3,
                    latencies.getMaxValue() / 1e3));
    if (faultCount > faults.size()) {
      faults.add("… and " + (faultCount - faults.size()) + " more");
    }
    return new LoadResult(what, seconds, count, unit, latency, further, faults);
  }
}
