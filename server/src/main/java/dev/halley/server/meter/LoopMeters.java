package dev.halley.server.meter;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What one event loop counts. The loop writes, without locks, look-ups or allocation; any thread
 * may read, and whoever wants the server's numbers adds up those of all loops.
 */
public final class LoopMeters {
  private static final long LAG_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final EventLoop loop;
  private final List<PatternMeters> patterns;
  private final Map<Via, OwnedCounter> connections = PatternMeters.perVia();
  private final DurationHistogram lag = new DurationHistogram();
  private final OwnedCounter seenNanos = new OwnedCounter();
  private volatile Runnable eachPeriod = () -> {};
  private long dueNanos;

  /**
   * Meters of a loop, which measures from now on how late it runs what is due.
   *
   * @param patterns how many patterns of channels there are
   */
  public LoopMeters(EventLoop loop, int patterns) {
    this.loop = loop;
    this.patterns = Stream.generate(PatternMeters::new).limit(patterns).toList();
    this.dueNanos = System.nanoTime() + LAG_PERIOD_NANOS;
    loop.scheduleWithFixedDelay(
        this::measureLag, LAG_PERIOD_NANOS, LAG_PERIOD_NANOS, TimeUnit.NANOSECONDS);
  }

  /** The meters of the pattern with that number. */
  public PatternMeters pattern(int index) {
    return patterns.get(index);
  }

  /** The meters of all patterns. */
  Stream<PatternMeters> patterns() {
    return patterns.stream();
  }

  /** Connections that there are now. */
  public OwnedCounter connections(Via via) {
    return PatternMeters.of(connections, via);
  }

  /** Publications taken, of all patterns. Any thread. */
  public long totalPublications() {
    return patterns.stream().mapToLong(pattern -> pattern.publications().get()).sum();
  }

  /** How late the loop ran what was due. */
  DurationHistogram lag() {
    return lag;
  }

  /** Tasks that wait for the loop, roughly. */
  int pendingTasks() {
    return loop instanceof SingleThreadEventLoop single ? single.pendingTasks() : 0;
  }

  /**
   * Whether the loop hasn't run what was due for so long that it will hardly ever again: something
   * blocks it. Any thread.
   */
  public boolean isStuck(long nowNanos) {
    return seenNanos.get() != 0 && nowNanos - seenNanos.get() > STUCK_NANOS;
  }

  /** Has something done on the loop whenever its lag is measured; it must not throw. */
  public void eachPeriod(Runnable task) {
    eachPeriod = task;
  }

  private void measureLag() {
    eachPeriod.run();
    long now = System.nanoTime();
    seenNanos.add(now - seenNanos.get());
    lag.record(now - dueNanos);
    dueNanos = now + LAG_PERIOD_NANOS;
  }
}
