package dev.halley.broker;

import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the logs in this process' memory. A channel's log comes to be when the channel is published
 * to or followed, and goes when nothing is kept of it, nobody follows it and nobody asked for it
 * for a while, or somebody else needs its place; what is published later has another epoch. Reading
 * makes none ({@link Epochs}), and one that nothing was published to takes nobody's place: it goes
 * soon after its last follower, first of all where room is needed, and such logs have one half of
 * the places at most.
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
   *     and 128 for each publication, and what each log, idempotency key and member takes, as the
   *     class that keeps it says
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
    /** Room for a few publications of the usual size, however small the heap is. */
    private static final long LEAST_TOTAL = 4L << 20;

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
     * What suits most: {@link HistoryLimits#defaults}, 100,000 channels, {@link #totalBytesFor a
     * quarter of the heap}, forgotten after 10 minutes; 1,000 keys for 5 minutes; {@link
     * PresenceLimits#defaults}.
     */
    public static Config defaults() {
      return new Config(
          HistoryLimits.defaults(),
          100_000,
          totalBytesFor(Runtime.getRuntime().maxMemory()),
          Duration.ofMinutes(10),
          Duration.ofMinutes(5),
          1_000,
          PresenceLimits.defaults());
    }

    /** The usual share of a heap of so many bytes for all logs together: a quarter of it. */
    public static long totalBytesFor(long heap) {
      return Math.max(LEAST_TOTAL, heap / 4);
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
  private final ByteBudget budget;
  private final LongAdder refusedChannels = new LongAdder();
  private final Epochs epochs;
  private final AtomicInteger unpublished = new AtomicInteger();
  private final UnneededLogs unneeded = new UnneededLogs();
  private final ChannelLog.Shared shared;
  private final ConcurrentHashMap<String, ChannelLog> logs = new ConcurrentHashMap<>();
  private final MemoryPresence presence;

  /** Held to add a log or to close. Taken before a log's lock, never after. */
  private final ReentrantLock creation = new ReentrantLock();

  private final CountDownLatch closed = new CountDownLatch(1);

  /** What expiry failed with last; of its thread alone. */
  private @Nullable Class<?> lastFailure;

  MemoryBroker(
      Config config,
      Function<String, HistoryLimits> history,
      BrokerClock clock,
      RandomGenerator random) {
    this.config = config;
    this.history = history;
    this.budget = new ByteBudget(config.totalBytes());
    this.epochs = new Epochs(random.nextLong());
    this.shared = new ChannelLog.Shared(config, clock, budget, epochs, unpublished, unneeded);
    this.presence = new MemoryPresence(this, config.presence(), clock, budget);
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
        new MemoryBroker(config, history, BrokerClock.system(), new SecureRandom());
    Thread.ofPlatform().daemon().name("halley-log-expiry").start(broker::expireUntilClosed);
    return broker;
  }

  @Override
  public CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    try {
      while (true) {
        ChannelLog log = log(channel, false);
        makeRoomFor(payload, idempotencyKey);
        StreamPosition position = append(log, payload, idempotencyKey);
        if (position != null) {
          return CompletableFuture.completedFuture(position);
        }
        logs.remove(channel, log);
      }
    } catch (BrokerUnavailableException | IdempotencyConflictException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What nobody needs goes before anything that is kept of a channel. */
  private void makeRoomFor(Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    long bytes = ChannelLog.cost(payload, idempotencyKey);
    boolean mayHelp = true;
    while (mayHelp && !budget.hasRoom(bytes)) {
      mayHelp = forgetUnneeded(false);
    }
  }

  /** A publication that there is no room for leaves no log behind either. */
  private @Nullable StreamPosition append(
      ChannelLog log, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    try {
      return log.append(payload, idempotencyKey);
    } catch (BrokerUnavailableException e) {
      if (log.retireIfUnneeded()) {
        logs.remove(log.channel(), log);
      }
      throw e;
    }
  }

  @Override
  public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
    while (true) {
      ChannelLog log = logs.get(channel);
      if (log == null) {
        return historyOfNothing(channel, since);
      }
      Batch batch = log.history(since, limit);
      if (batch != null) {
        return CompletableFuture.completedFuture(batch);
      }
      logs.remove(channel, log);
    }
  }

  private CompletionStage<Batch> historyOfNothing(String channel, Cursor since) {
    if (!isAvailable()) {
      return CompletableFuture.failedFuture(closedException());
    }
    StreamPosition start = epochs.start(channel);
    return CompletableFuture.completedFuture(ReadStart.of(since, start, start).batch(List.of()));
  }

  @Override
  public Tail follow(String channel, Runnable onGrow) {
    while (true) {
      ChannelLog log = log(channel, true);
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
    unneeded.forgetRetired();
  }

  /** Lets go of what is too old. Any thread. */
  void expire() {
    // The logs first: to say who has left may need the room.
    expireLogs();
    presence.expire();
  }

  private void expireLogs() {
    for (Map.Entry<String, ChannelLog> entry : logs.entrySet()) {
      if (entry.getValue().expire()) {
        logs.remove(entry.getKey(), entry.getValue());
      }
    }
    unneeded.forgetRetired();
  }

  /** How many logs there are. */
  int channels() {
    return logs.size();
  }

  /** What all logs hold together, as {@link Config#totalBytes} counts. */
  long usedBytes() {
    return budget.used();
  }

  private ChannelLog log(String channel, boolean toFollow) {
    ChannelLog log = logs.get(channel);
    return log == null ? create(channel, toFollow) : log;
  }

  private ChannelLog create(String channel, boolean toFollow) {
    creation.lock();
    try {
      if (!isAvailable()) {
        throw closedException();
      }
      ChannelLog present = logs.get(channel);
      if (present != null) {
        return present;
      }
      HistoryLimits limits = history.apply(channel);
      takePlace(channel, toFollow);
      ChannelLog log = new ChannelLog(shared, channel, limits);
      logs.put(channel, log);
      return log;
    } finally {
      creation.unlock();
    }
  }

  private void takePlace(String channel, boolean toFollow) {
    while (logs.size() >= config.channels() || (toFollow && hasTooManyUnpublished())) {
      if (!forgetUnneeded(logs.size() < config.channels())) {
        refusedChannels.increment();
        throw new BrokerUnavailableException(
            "The limit channels is reached: at most "
                + config.channels()
                + " have a log, half of them while nothing is published there");
      }
    }
    while (!budget.tryAdd(ChannelLog.cost(channel))) {
      if (!forgetUnneeded(false)) {
        throw budget.refusal();
      }
    }
  }

  /** Whoever listens to channels that don't exist leaves the other half to those that do. */
  private boolean hasTooManyUnpublished() {
    return unpublished.get() >= Math.max(1, config.channels() / 2);
  }

  /** Forgets a log that nobody needs; returns whether there was one. */
  private boolean forgetUnneeded(boolean onlyUnpublished) {
    ChannelLog log = unneeded.poll(onlyUnpublished);
    while (log != null) {
      if (log.retireIfUnneeded()) {
        logs.remove(log.channel(), log);
        return true;
      }
      log = unneeded.poll(onlyUnpublished);
    }
    return false;
  }

  private static BrokerUnavailableException closedException() {
    return new BrokerUnavailableException("The broker is closed");
  }

  /** Whatever goes wrong once, the thread goes on: a log that is never trimmed grows for ever. */
  private void expireContained(Standstill standstill) {
    try {
      if (standstill.isRecent()) {
        expireLogs();
      } else {
        expire();
      }
    } catch (Throwable e) {
      try {
        if (e.getClass() != lastFailure) {
          lastFailure = e.getClass();
          // Not kept: the first logger that is asked for looks for a logging system in each jar.
          System.getLogger(MemoryBroker.class.getName())
              .log(
                  Level.ERROR, "What is too old couldn't be let go of; tried again in a second", e);
        }
      } catch (Throwable again) {
        // There is no memory for a line.
      }
    }
  }

  private void expireUntilClosed() {
    Standstill standstill = new Standstill(System::nanoTime);
    try {
      while (!closed.await(EXPIRY_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        expireContained(standstill);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
