package dev.halley.server.meter;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What all loops have counted together.
 *
 * @param connections now, by use
 * @param subscriptions now
 * @param lagging of those
 * @param slowed how often one began to lag
 * @param gaps that listeners were told of
 * @param publications taken
 * @param publishedBytes of their payloads
 * @param deliveries to sockets, by transport
 * @param deliveredBytes as sent
 * @param latencyBounds the largest duration of each bucket but the last, in seconds
 * @param latencyCounts from publish to write, by bucket
 */
public record Totals(
    Map<Via, Long> connections,
    long subscriptions,
    long lagging,
    long slowed,
    long gaps,
    long publications,
    long publishedBytes,
    Map<Via, Long> deliveries,
    long deliveredBytes,
    List<Double> latencyBounds,
    List<Long> latencyCounts) {

  /** Adds up what the loops have counted so far. Any thread. */
  public static Totals of(List<LoopMeters> loops) {
    List<PatternMeters> patterns = loops.stream().flatMap(LoopMeters::patterns).toList();
    Map<Via, Long> connections = new EnumMap<>(Via.class);
    Map<Via, Long> deliveries = new EnumMap<>(Via.class);
    long subscriptions = 0;
    long deliveredBytes = 0;
    for (Via via : Via.values()) {
      connections.put(via, sum(loops, it -> it.connections(via)));
      deliveries.put(via, sum(patterns, it -> it.deliveries(via)));
      subscriptions += sum(patterns, it -> it.subscriptions(via));
      deliveredBytes += sum(patterns, it -> it.deliveredBytes(via));
    }
    double[] bounds = DurationHistogram.boundsInSeconds();
    long[] counts = new long[bounds.length];
    patterns.forEach(it -> it.latency().addCounts(counts));
    List<Double> finite = new ArrayList<>();
    List<Long> latency = new ArrayList<>();
    for (int i = 0; i < bounds.length; i++) {
      if (Double.isFinite(bounds[i])) {
        finite.add(bounds[i]);
      }
      latency.add(counts[i]);
    }
    return new Totals(
        connections,
        subscriptions,
        sum(patterns, PatternMeters::lagging),
        sum(patterns, PatternMeters::slowed),
        sum(patterns, PatternMeters::gaps),
        sum(patterns, PatternMeters::publications),
        sum(patterns, PatternMeters::publishedBytes),
        deliveries,
        deliveredBytes,
        finite,
        latency);
  }

  private static <T> long sum(List<T> owners, Function<T, OwnedCounter> counter) {
    return owners.stream().mapToLong(owner -> counter.apply(owner).get()).sum();
  }
}
