package dev.halley.loadgen;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a measurement brought.
 *
 * @param what what was done, for people
 * @param seconds how long it was measured
 * @param count how many messages or connections
 * @param unit what was counted
 * @param latency how long messages took, where that was measured
 * @param further figures of this measurement alone, by name with unit
 * @param faults what was lost, doubled, out of order or refused; empty if all was right
 */
public record LoadResult(
    String what,
    double seconds,
    long count,
    String unit,
    Optional<Latency> latency,
    Map<String, Double> further,
    List<String> faults) {

  /** Copies what can change. */
  public LoadResult {
    further = Map.copyOf(further);
    faults = List.copyOf(faults);
  }

  /** How many a second. */
  public double rate() {
    return seconds > 0 ? count / seconds : 0;
  }

  /** Latencies in microseconds. */
  public record Latency(double median, double p99, double p999, double max) {}
}
