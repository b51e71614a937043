package dev.halley.server.meter;

import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUsage;
import dev.halley.broker.Presence;
import dev.halley.server.Failures;
import dev.halley.server.HooksConfig.Event;
import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.meter.HookMeters.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * All that the server counts, for Micrometer, in Prometheus' text format. What is counted is added
 * up when the page is asked for; nothing is kept for it before. To make one loads some hundred
 * classes, so it is made when it is first asked for, and not on an event loop.
 */
public final class PrometheusPage implements AutoCloseable {
  /** The media type of {@link #text}. */
  public static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final List<Via> CONNECTIONS =
      List.of(
          Via.HTTP,
          Via.LONG_POLL,
          Via.SSE,
          Via.WEBSOCKET,
          Via.HALLEY_V1,
          Via.ECHO,
          Via.APPLICATION);

  private static final List<Via> DELIVERIES =
      List.of(Via.POLL, Via.LONG_POLL, Via.SSE, Via.WEBSOCKET, Via.HALLEY_V1);

  private static final List<Via> STREAMS = List.of(Via.SSE, Via.WEBSOCKET, Via.HALLEY_V1);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbage = new JvmGcMetrics();
  private final List<LoopMeters> loops;

  /** The registry's counters hold what they read weakly. */
  private final List<Value> counted = new ArrayList<>();

  /**
   * A page.
   *
   * @param patterns of channels, in the order in which {@code loops} count them
   * @param patternOf the number of a channel's pattern
   */
  public PrometheusPage(
      ServerMetrics metrics,
      List<LoopMeters> loops,
      List<String> patterns,
      ToIntFunction<String> patternOf,
      Broker broker) {
    this.loops = List.copyOf(loops);
    metrics.counters().forEach((name, adder) -> counter(name, Tags.empty(), adder::sum));
    for (Limit limit : Limit.values()) {
      exceeded(limit.key(), metrics.exceeded(limit)::sum);
    }
    for (Failures.Place place : Failures.Place.values()) {
      counter("failures", Tags.of("where", place.label()), () -> metrics.failures().count(place));
    }
    bindConnections();
    for (int i = 0; i < patterns.size(); i++) {
      int pattern = i;
      bindPattern(
          Tags.of("pattern", patterns.get(i)),
          loops.stream().map(meters -> meters.pattern(pattern)).toList());
    }
    bindLoops();
    bindBroker(broker);
    broker.presence().ifPresent(presence -> bindPresence(presence, patterns, patternOf));
    bindBuffers();
    bindHistograms(patterns);
    bindProcess();
  }

  /** The page as it is now. Any thread. */
  public String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }

  /** Adds what connections and listeners take. */
  public void bindListening(LongSupplier used) {
    gauge("listening.bytes", Tags.empty(), used::getAsLong);
  }

  private void bindConnections() {
    for (Via via : CONNECTIONS) {
      gauge(
          "connections",
          Tags.of("transport", via.label()),
          () -> sum(loops, meters -> meters.connections(via)));
    }
  }

  private void bindPattern(Tags tags, List<PatternMeters> meters) {
    gauge("channels.followed", tags, () -> sum(meters, PatternMeters::channels));
    gauge("subscriptions.lagging", tags, () -> sum(meters, PatternMeters::lagging));
    counter("subscriptions.slowed", tags, () -> sum(meters, PatternMeters::slowed));
    counter("presence.unlisted", tags, () -> sum(meters, PatternMeters::unlisted));
    counter("gaps", tags, () -> sum(meters, PatternMeters::gaps));
    counter("publications", tags, () -> sum(meters, PatternMeters::publications));
    counter("published.bytes", tags, () -> sum(meters, PatternMeters::publishedBytes));
    for (Via via : STREAMS) {
      Tags both = tags.and("transport", via.label());
      gauge("subscriptions", both, () -> sum(meters, pattern -> pattern.subscriptions(via)));
    }
    for (Via via : DELIVERIES) {
      Tags both = tags.and("transport", via.label());
      counter("deliveries", both, () -> sum(meters, pattern -> pattern.deliveries(via)));
      counter("delivered.bytes", both, () -> sum(meters, pattern -> pattern.deliveredBytes(via)));
    }
  }

  private void bindLoops() {
    for (int i = 0; i < loops.size(); i++) {
      gauge("loop.pending.tasks", Tags.of("loop", Integer.toString(i)), loops.get(i)::pendingTasks);
    }
  }

  /** What has arrived and isn't done with. */
  public void bindArrivals(Arrivals arrivals) {
    gauge("arriving.bytes", Tags.empty(), arrivals::held);
    gauge("arriving.bytes.max", Tags.empty(), arrivals::most);
  }

  private void bindBroker(Broker broker) {
    if (broker.usage().isPresent()) {
      gauge("broker.channels", Tags.empty(), () -> usage(broker, BrokerUsage::channels));
      gauge("broker.bytes", Tags.empty(), () -> usage(broker, BrokerUsage::bytes));
      exceeded("channels.max", () -> usage(broker, BrokerUsage::refusedChannels));
      exceeded("history.total-bytes", () -> usage(broker, BrokerUsage::refusedPublications));
      exceeded("idempotency.keys", () -> usage(broker, BrokerUsage::forgottenKeys));
    }
  }

  private void bindPresence(
      Presence presence, List<String> patterns, ToIntFunction<String> patternOf) {
    registry
        .getPrometheusRegistry()
        .register(
            () -> {
              double[] members = new double[patterns.size()];
              presence.forEachChannel(
                  (channel, count) -> members[patternOf.applyAsInt(channel)] += count);
              GaugeSnapshot.Builder snapshot =
                  GaugeSnapshot.builder()
                      .name("halley_presence_members")
                      .help("Users who are present, on each channel for itself");
              for (int i = 0; i < members.length; i++) {
                snapshot.dataPoint(
                    GaugeDataPointSnapshot.builder()
                        .value(members[i])
                        .labels(Labels.of("pattern", patterns.get(i)))
                        .build());
              }
              return snapshot.build();
            });
  }

  private void bindBuffers() {
    PooledByteBufAllocator buffers = PooledByteBufAllocator.DEFAULT;
    gauge("buffer.pool.bytes", Tags.of("area", "direct"), buffers.metric()::usedDirectMemory);
    gauge("buffer.pool.bytes", Tags.of("area", "heap"), buffers.metric()::usedHeapMemory);
  }

  private void bindHistograms(List<String> patterns) {
    collector(
        "halley_delivery_latency_seconds",
        "From the moment at which the oldest publication of a batch could be read until an event"
            + " loop had written it to all its sockets",
        snapshot -> {
          for (int i = 0; i < patterns.size(); i++) {
            int pattern = i;
            snapshot.dataPoint(
                dataPoint(
                    Labels.of("pattern", patterns.get(i)),
                    meters -> meters.pattern(pattern).latency()));
          }
        });
    collector(
        "halley_loop_lag_seconds",
        "How late the event loops ran what was due",
        snapshot -> snapshot.dataPoint(dataPoint(Labels.EMPTY, LoopMeters::lag)));
  }

  /** Adds what is counted of questions to the application. */
  public void bindHooks(HookMeters hooks) {
    for (Event event : Event.values()) {
      if (event != Event.DISCONNECT) {
        for (Outcome outcome : Outcome.values()) {
          Tags tags = Tags.of("event", event.label(), "outcome", outcome.label());
          counter("hook_questions", tags, hooks.asked(event, outcome)::sum);
        }
      }
    }
    counter("hook_notices", Tags.of("outcome", "sent"), hooks.noticesSent()::sum);
    counter("hook_notices", Tags.of("outcome", "dropped"), hooks.noticesDropped()::sum);
    gauge("hook.pending", Tags.empty(), hooks::pending);
    gauge("hook.circuit.open", Tags.empty(), () -> hooks.isOpen() ? 1 : 0);
    collector(
        "halley_hook_latency_seconds",
        "From a question to the application until its answer, with all tries",
        snapshot ->
            snapshot.dataPoint(dataPoint(Labels.EMPTY, List.of(hooks), HookMeters::latency)));
  }

  private void bindProcess() {
    new JvmMemoryMetrics().bindTo(registry);
    garbage.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private interface Value {
    long get();
  }

  private void counter(String name, Tags tags, Value value) {
    counted.add(value);
    FunctionCounter.builder("halley." + name.replace('_', '.'), value, Value::get)
        .tags(tags)
        .register(registry);
  }

  private void exceeded(String setting, Value value) {
    counter("limits.exceeded", Tags.of("limit", setting), value);
  }

  private void gauge(String name, Tags tags, Value value) {
    Gauge.builder("halley." + name, value, Value::get)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  private void collector(String name, String help, Consumer<HistogramSnapshot.Builder> dataPoints) {
    registry
        .getPrometheusRegistry()
        .register(
            () -> {
              HistogramSnapshot.Builder snapshot =
                  HistogramSnapshot.builder().name(name).help(help);
              dataPoints.accept(snapshot);
              return snapshot.build();
            });
  }

  private HistogramDataPointSnapshot dataPoint(
      Labels labels, Function<LoopMeters, DurationHistogram> histogram) {
    return dataPoint(labels, loops, histogram);
  }

  private static <T> HistogramDataPointSnapshot dataPoint(
      Labels labels, List<T> owners, Function<T, DurationHistogram> histogram) {
    double[] bounds = DurationHistogram.boundsInSeconds();
    long[] counts = new long[bounds.length];
    double sum = 0;
    for (T meters : owners) {
      histogram.apply(meters).addCounts(counts);
      sum += histogram.apply(meters).sumInSeconds();
    }
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
        .sum(sum)
        .labels(labels)
        .build();
  }

  private static long usage(Broker broker, ToLongFunction<BrokerUsage> part) {
    return broker.usage().map(part::applyAsLong).orElse(0L);
  }

  private static <T> long sum(List<T> owners, Function<T, OwnedCounter> counter) {
    long sum = 0;
    for (T owner : owners) {
      sum += counter.apply(owner).get();
    }
    return sum;
  }
}
