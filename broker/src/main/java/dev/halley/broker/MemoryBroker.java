package dev.halley.broker;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Keeps the logs in this process' memory. A channel's log comes to be when the channel is first
 * published to, read or followed, and goes when nothing is kept of it, nobody follows it and nobody
 * asked for it for a while; a later one has another epoch.
 *
 * <p>All stages it returns are completed. {@link BrokerUnavailableException} says which limit was
 * reached, or that it is closed.
 */
public final class MemoryBroker implements Broker {
  private static final long EXPIRY_INTERVAL_MILLIS = 1_000;

  /**
   * How much is kept, and for how long.
   *
   * @param history what is kept of each channel, unless a function for them says otherwise
   * @param channels at most so many logs, at least 1
   * @param totalBytes of all logs together at most so many bytes, at least 1: those of the payloads
   *     and 128 for each publication, and for each idempotency key 2 for each of its characters and
   *     128
   * @param idle a log of which nothing is kept, that has no followers and that nobody asked for is
   *     forgotten after so long, 1 ms to 36,500 days
   * @param idempotencyWindow how long a key is remembered, 1 ms to 36,500 days
   * @param idempotencyKeys at most so many keys are remembered of each channel, at least 1; the
   *     oldest is forgotten first
   * @param presence how many are listed
   */
  public record Config(
      HistoryLimits history,
      int channels,
      long totalBytes,
      Duration idle,
      Duration idempotencyWindow,
      int idempotencyKeys,
      PresenceLimits presence) {
    /**
     * Checks all.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Config {
      if (channels < 1 || totalBytes < 1 || idempotencyKeys < 1) {
        throw new IllegalArgumentException(
            "Limits for channels, total-bytes and idempotency-keys are at least 1");
      }
      Durations.requireInRange(idle, "The limit idle");
      Durations.requireInRange(idempotencyWindow, "The limit idempotency-window");
    }

    /**
     * What suits most: {@link HistoryLimits#defaults}, 100,000 channels, 256 MiB, forgotten after
     * 10 minutes; 1,000 keys for 5 minutes; {@link PresenceLimits#defaults}.
     */
    public static Config defaults() {
      return new Config(
          HistoryLimits.defaults(),
          100_000,
          256 << 20,
          Duration.ofMinutes(10),
          Duration.ofMinutes(5),
          1_000,
          PresenceLimits.defaults());
    }

    /** The same with other limits for each channel's history. */
    public Config withHistory(HistoryLimits other) {
      return new Config(
          other, channels, totalBytes, idle, idempotencyWindow, idempotencyKeys, presence);
    }

    /** The same with room for another number of channels. */
    public Config withChannels(int other) {
      return new Config(
          history, other, totalBytes, idle, idempotencyWindow, idempotencyKeys, presence);
    }

    /** The same with room for another number of bytes. */
    public Config withTotalBytes(long other) {
      return new Config(
          history, channels, other, idle, idempotencyWindow, idempotencyKeys, presence);
    }

    /** The same with another time after which an unused log is forgotten. */
    public Config withIdle(Duration other) {
      return new Config(
          history, channels, totalBytes, other, idempotencyWindow, idempotencyKeys, presence);
    }

    /** The same with another memory for idempotency keys. */
    public Config withIdempotency(Duration window, int keys) {
      return new Config(history, channels, totalBytes, idle, window, keys, presence);
    }

    /** The same with room for other numbers of members. */
    public Config withPresence(PresenceLimits other) {
      return new Config(
          history, channels, totalBytes, idle, idempotencyWindow, idempotencyKeys, other);
    }
  }

  private final Config config;
  private final Function<String, HistoryLimits> history;
  private final InstantSource clock;
  private final RandomGenerator epochs;
  private final ByteBudget budget;
  private final LongAdder refusedChannels = new LongAdder();
  private final ConcurrentHashMap<String, ChannelLog> logs = new ConcurrentHashMap<>();
  private final MemoryPresence presence;

  /** Held to add a log or to close. Taken before a log's lock, never after. */
  private final ReentrantLock creation = new ReentrantLock();

  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long expiredMillis;

  MemoryBroker(
      Config config,
      Function<String, HistoryLimits> history,
      InstantSource clock,
      RandomGenerator epochs) {
    this.config = config;
    this.history = history;
    this.clock = clock;
    this.epochs = epochs;
    this.budget = new ByteBudget(config.totalBytes());
    this.presence = new MemoryPresence(this, config.presence(), clock);
    this.expiredMillis = clock.millis() - EXPIRY_INTERVAL_MILLIS;
  }

  /**
   * An empty broker, with a thread of its own that once a second lets go of what is too old, until
   * it is closed. So {@code age}, {@code idle} and the end of a lease may be a second late.
   */
  public static MemoryBroker start(Config config) {
    return start(config, channel -> config.history());
  }

  /**
   * As {@link #start(Config)}, with a history for each channel.
   *
   * @param history what is kept of a channel, in the place of {@link Config#history}: asked once
   *     for each log, by any thread, and must answer at once
   */
  public static MemoryBroker start(Config config, Function<String, HistoryLimits> history) {
    MemoryBroker broker =
        new MemoryBroker(config, history, InstantSource.system(), new SecureRandom());
    Thread.ofPlatform().daemon().name("halley-log-expiry").start(broker::expireUntilClosed);
    return broker;
  }

  @Override
  public CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<String> idempotencyKey) {
    try {
      while (true) {
        ChannelLog log = log(channel);
        StreamPosition position = log.append(payload, idempotencyKey);
        if (position != null) {
          return CompletableFuture.completedFuture(position);
        }
        logs.remove(channel, log);
      }
    } catch (BrokerUnavailableException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
    try {
      while (true) {
        ChannelLog log = log(channel);
        Batch batch = log.history(since, limit);
        if (batch != null) {
          return CompletableFuture.completedFuture(batch);
        }
        logs.remove(channel, log);
      }
    } catch (BrokerUnavailableException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public Tail follow(String channel, Runnable onGrow) {
    while (true) {
      ChannelLog log = log(channel);
      Tail tail = log.follow(onGrow);
      if (tail != null) {
        return tail;
      }
      logs.remove(channel, log);
    }
  }

  @Override
  public Optional<Presence> presence() {
    return Optional.of(presence);
  }

  @Override
  public boolean isAvailable() {
    return closed.getCount() > 0;
  }

  @Override
  public Optional<BrokerUsage> usage() {
    return Optional.of(
        new BrokerUsage(
            logs.size(),
            budget.used(),
            refusedChannels.sum(),
            budget.refusals().sum(),
            budget.forgottenKeys().sum()));
  }

  @Override
  public Optional<ChannelUsage> usage(String channel) {
    return Optional.ofNullable(logs.get(channel)).map(ChannelLog::usage);
  }

  @Override
  public List<String> channels(String prefix, String after, int limit) {
    PriorityQueue<String> first = new PriorityQueue<>(Comparator.reverseOrder());
    for (String name : logs.keySet()) {
      if (name.startsWith(prefix) && name.compareTo(after) > 0) {
        first.add(name);
        if (first.size() > limit) {
          first.remove();
        }
      }
    }
    return first.stream().sorted().toList();
  }

  /** Later calls fail; tails that are still open have nothing to read. */
  @Override
  public void close() {
    creation.lock();
    try {
      closed.countDown();
    } finally {
      creation.unlock();
    }
    for (ChannelLog log : logs.values()) {
      log.retire();
    }
    logs.clear();
  }

  /** Lets go of what is too old. Any thread. */
  void expire() {
    presence.expire();
    expireLogs();
  }

  private void expireLogs() {
    expiredMillis = clock.millis();
    for (Map.Entry<String, ChannelLog> entry : logs.entrySet()) {
      if (entry.getValue().expire()) {
        logs.remove(entry.getKey(), entry.getValue());
      }
    }
  }

  /** How many logs there are. */
  int channels() {
    return logs.size();
  }

  /** What all logs hold together, as {@link Config#totalBytes} counts. */
  long usedBytes() {
    return budget.used();
  }

  private ChannelLog log(String channel) {
    ChannelLog log = logs.get(channel);
    return log == null ? create(channel) : log;
  }

  private ChannelLog create(String channel) {
    creation.lock();
    try {
      if (closed.getCount() == 0) {
        throw new BrokerUnavailableException("The broker is closed");
      }
      ChannelLog present = logs.get(channel);
      if (present != null) {
        return present;
      }
      requireRoom();
      ChannelLog log = new ChannelLog(config, history.apply(channel), newEpoch(), budget, clock);
      logs.put(channel, log);
      return log;
    } finally {
      creation.unlock();
    }
  }

  /** Looks for logs to forget not more often than needed: it visits all of them. */
  private void requireRoom() {
    if (logs.size() < config.channels()) {
      return;
    }
    if (Math.abs(clock.millis() - expiredMillis) >= EXPIRY_INTERVAL_MILLIS) {
      // Not the leases: their locks come before the one that is held here.
      expireLogs();
    }
    if (logs.size() >= config.channels()) {
      refusedChannels.increment();
      throw new BrokerUnavailableException(
          "The limit channels is reached: at most " + config.channels() + " have a log");
    }
  }

  /** 63 random bits with the highest one set, which are always 13 digits. */
  private String newEpoch() {
    return Long.toUnsignedString(epochs.nextLong() | Long.MIN_VALUE, Character.MAX_RADIX);
  }

  private void expireUntilClosed() {
    try {
      while (!closed.await(EXPIRY_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        expire();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
