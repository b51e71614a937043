package dev.halley.server.hub;

import dev.halley.broker.Broker;
import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.Failures;
import dev.halley.server.PresenceConfig;
import dev.halley.server.arrival.Arrivals;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The subscribers of this node: one shard per event loop. Any thread may ask it for a shard. */
public final class Hub {
  private final Broker broker;
  private final ChannelPolicies policies;
  private final PresenceConfig presence;
  private final String name = UUID.randomUUID().toString();
  private final PublishRates publishRates;
  private final ListeningMemory listening;
  private final Arrivals arrivals;
  private final ByteBufAllocator allocator;
  private final Failures failures;
  private final AtomicLong connectionNumbers = new AtomicLong();
  private final IdentityHashMap<EventLoop, HubShard> shards = new IdentityHashMap<>();

  /** A hub with a shard for each event loop of {@code loops}. */
  public Hub(
      Broker broker,
      ChannelPolicies policies,
      PresenceConfig presence,
      PublishRates publishRates,
      ListeningMemory listening,
      Arrivals arrivals,
      ByteBufAllocator allocator,
      Failures failures,
      EventExecutorGroup loops) {
    this.broker = new ContainedBroker(broker, failures);
    this.failures = failures;
    this.policies = policies;
    this.presence = presence;
    this.publishRates = publishRates;
    this.listening = listening;
    this.arrivals = arrivals;
    this.allocator = allocator;
    for (EventExecutor loop : loops) {
      EventLoop eventLoop = (EventLoop) loop;
      String holder = name + '.' + shards.size();
      HubShard shard = new HubShard(this, eventLoop, holder);
      shards.put(eventLoop, shard);
      shard.start();
    }
  }

  /** Where the logs are. */
  public Broker broker() {
    return broker;
  }

  /** What holds for which channel. */
  public ChannelPolicies policies() {
    return policies;
  }

  /** How it is found out who is present. */
  PresenceConfig presence() {
    return presence;
  }

  /** How often one may publish. */
  public PublishRates publishRates() {
    return publishRates;
  }

  /** The memory of connections and listeners. */
  public ListeningMemory listening() {
    return listening;
  }

  /** The memory of what arrives. */
  public Arrivals arrivals() {
    return arrivals;
  }

  /** The shard of an event loop. */
  public HubShard shard(EventLoop loop) {
    return Objects.requireNonNull(shards.get(loop), "an event loop of another server");
  }

  /** The shards of all event loops. */
  public Collection<HubShard> shards() {
    return Collections.unmodifiableCollection(shards.values());
  }

  /** A number that no other connection has. */
  long nextConnection() {
    return connectionNumbers.incrementAndGet();
  }

  /** How many publications were taken by requests and WebSockets. */
  public long publications() {
    return shards.values().stream().mapToLong(shard -> shard.meters().totalPublications()).sum();
  }

  /** The patterns of channels by which metrics are told apart. */
  public List<String> patterns() {
    return policies.all().stream().map(ChannelRules::pattern).toList();
  }

  /** The number of a channel's pattern among {@link #patterns}. */
  public int patternOf(String channel) {
    return policies.indexOf(channel);
  }

  /** Tells each connection to come to an end, at a random moment within this time. */
  public void drain(Duration within) {
    for (HubShard shard : shards.values()) {
      try {
        shard
            .eventLoop()
            .execute(() -> shard.timers().drain(within.toNanos(), ThreadLocalRandom.current()));
      } catch (RejectedExecutionException e) {
        // That loop has ended, and its connections with it.
      }
    }
  }

  /** Where buffers come from. */
  public ByteBufAllocator allocator() {
    return allocator;
  }

  /** What has gone wrong inside. */
  public Failures failures() {
    return failures;
  }

  /**
   * Hands the outcome of a stage to one of two consumers on an event loop: at once if it is there
   * already and the caller is on that loop.
   *
   * @param success what it throws is the caller's if it is called at once, and given to {@code
   *     failure} if it is called later
   */
  public <T> void onLoop(
      EventLoop loop, CompletionStage<T> stage, Consumer<T> success, Consumer<Throwable> failure) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone() && loop.inEventLoop()) {
      settle(future, success, failure);
    } else {
      future.whenComplete(
          (value, cause) -> loop.execute(() -> settleLater(future, success, failure)));
    }
  }

  private <T> void settleLater(
      CompletableFuture<T> done, Consumer<T> success, Consumer<Throwable> failure) {
    try {
      settle(done, success, failure);
    } catch (Throwable e) {
      try {
        failure.accept(e);
      } catch (Throwable again) {
        failures.contain(Failures.Place.TASK, again);
      }
    }
  }

  private static <T> void settle(
      CompletableFuture<T> done, Consumer<T> success, Consumer<Throwable> failure) {
    T value;
    try {
      value = done.join();
    } catch (CompletionException e) {
      failure.accept(Objects.requireNonNullElse(e.getCause(), e));
      return;
    } catch (CancellationException e) {
      failure.accept(e);
      return;
    }
    success.accept(value);
  }
}
