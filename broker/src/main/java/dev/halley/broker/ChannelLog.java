package dev.halley.broker;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One channel's log. Whoever appends, reads the history, follows or trims holds its lock; tails
 * read the ring without it.
 *
 * <p>A log that nobody needs is retired, under its lock, and forgotten by the broker. Whoever still
 * had it in hand then is answered with null and has to ask the broker for the channel's new one:
 * nothing is ever appended to a log that nobody can find.
 *
 * <p>Followers are called without the lock, after the head has moved. Joining them is a volatile
 * write that comes before the follower's first look at the head, and the call's look at who follows
 * comes after the head has moved: so a new follower is called for a publication or sees it at its
 * first look.
 */
final class ChannelLog {
  /**
   * What a publication takes besides its payload's bytes, in bytes, roughly: its record, position,
   * payload, the array's header and up to two slots of the ring.
   */
  static final int PUBLICATION_OVERHEAD = 128;

  /**
   * What a log takes besides its publications and its channel's name, in bytes, roughly: itself
   * with its lock, ring and keys (300), its epoch (80), its place in the map (100) and the ring's
   * first array (128).
   */
  static final int LOG_OVERHEAD = 600;

  /** How long a log stays that nothing was published to: as long as it takes to poll again. */
  private static final long UNPUBLISHED_IDLE_MILLIS = 10_000;

  private static final Follower[] NO_FOLLOWERS = {};

  /** What all logs of a broker have in common. */
  record Shared(
      MemoryBroker.Config config,
      BrokerClock clock,
      ByteBudget budget,
      Epochs epochs,
      AtomicInteger unpublished,
      UnneededLogs unneeded) {}

  private final Shared shared;
  private final String channel;
  private final HistoryLimits limits;

  private final ReentrantLock lock = new ReentrantLock();
  private final PublicationRing ring;
  private final IdempotencyKeys keys;
  private volatile Follower[] followers = NO_FOLLOWERS;
  private long payloadBytes;
  private long touchedMillis;
  private boolean retired;

  /** Whether it is among the {@link UnneededLogs}, where it may be needed again all the same. */
  private boolean queued;

  /** One that is charged to the budget already. */
  ChannelLog(Shared shared, String channel, HistoryLimits limits) {
    this.shared = shared;
    this.channel = channel;
    this.limits = limits;
    this.ring = new PublicationRing(shared.epochs().start(channel));
    MemoryBroker.Config config = shared.config();
    this.keys =
        new IdempotencyKeys(
            config.idempotencyWindow(), config.idempotencyKeys(), shared.budget().forgottenKeys());
    this.touchedMillis = shared.clock().millis();
    shared.unpublished().incrementAndGet();
  }

  /** How many bytes the log of a channel takes as long as it has no publications. */
  static long cost(String channel) {
    return (long) LOG_OVERHEAD + channel.length();
  }

  /** The most that a publication with this key is charged. */
  static long cost(Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    return cost(1, payload.keptBytes())
        + (idempotencyKey.isEmpty() ? 0 : IdempotencyKeys.cost(idempotencyKey.get()));
  }

  /** The channel's name. */
  String channel() {
    return channel;
  }

  /**
   * {@link Broker#publish}.
   *
   * @return null if the log is retired
   * @throws BrokerUnavailableException if there is no room; nothing has changed then
   * @throws IdempotencyConflictException if the key is another publication's; likewise
   */
  @Nullable StreamPosition append(Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    long fingerprint = idempotencyKey.isPresent() ? payload.fingerprint() : 0;
    StreamPosition position;
    lock.lock();
    try {
      if (retired) {
        return null;
      }
      long now = touch();
      if (idempotencyKey.isEmpty()) {
        position = store(payload, 0, now);
      } else {
        IdempotencyKey key = idempotencyKey.get();
        long first = keys.find(key, fingerprint, now);
        if (first != 0) {
          return new StreamPosition(ring.head().epoch(), first);
        }
        position = store(payload, keys.costOf(key, now), now);
        shared.budget().release(keys.remember(key, position.offset(), fingerprint, now));
      }
    } finally {
      lock.unlock();
    }
    for (Follower follower : followers) {
      follower.grew();
    }
    return position;
  }

  /**
   * {@link Broker#history}.
   *
   * @return null if the log is retired
   */
  @Nullable Batch history(Cursor since, ReadLimit limit) {
    lock.lock();
    try {
      if (retired) {
        return null;
      }
      touch();
      ReadStart start = ReadStart.of(since, ring.beforeOldest(), ring.head());
      List<Publication> publications = new ArrayList<>();
      ring.read(start.after(), limit, publications);
      return start.batch(publications);
    } finally {
      lock.unlock();
    }
  }

  /** {@link Broker#usage(String)}. */
  ChannelUsage usage() {
    lock.lock();
    try {
      return new ChannelUsage(ring.head(), ring.size(), payloadBytes);
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@link Broker#follow}.
   *
   * @return null if the log is retired
   */
  @Nullable Tail follow(Runnable onGrow) {
    lock.lock();
    try {
      if (retired) {
        return null;
      }
      touch();
      Follower follower = new Follower(onGrow);
      Follower[] more = Arrays.copyOf(followers, followers.length + 1);
      more[more.length - 1] = follower;
      followers = more;
      return follower;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Trims by age, and retires the log if nobody needs it.
   *
   * @return whether it is retired
   */
  boolean expire() {
    lock.lock();
    try {
      long now = shared.clock().millis();
      drop(countAged(now));
      shared.budget().release(keys.expire(now));
      ring.compact();
      if (isUnneeded()) {
        if (now - touchedMillis >= idleMillis()) {
          end();
        } else {
          queue();
        }
      }
      return retired;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes room, if nobody needs it. It is no longer among the {@link UnneededLogs} then.
   *
   * @return whether it is retired
   */
  boolean retireIfUnneeded() {
    lock.lock();
    try {
      queued = false;
      if (isUnneeded()) {
        end();
      }
      return retired;
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of all that it holds. */
  void retire() {
    lock.lock();
    try {
      drop(ring.size());
      shared.budget().release(keys.clear());
      ring.compact();
      followers = NO_FOLLOWERS;
      end();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is one that is forgotten, or to be. */
  boolean isRetired() {
    lock.lock();
    try {
      return retired;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    if (retired) {
      return;
    }
    retired = true;
    shared.budget().release(cost(channel));
    if (isUnpublished()) {
      shared.unpublished().decrementAndGet();
    } else {
      shared.epochs().end(channel);
    }
  }

  private void queue() {
    if (!queued) {
      queued = true;
      shared.unneeded().add(this, isUnpublished());
    }
  }

  private boolean isUnpublished() {
    return ring.head().offset() == 0;
  }

  private long touch() {
    touchedMillis = shared.clock().millis();
    return touchedMillis;
  }

  private StreamPosition store(Payload payload, long keyCost, long now) {
    makeRoom(payload.keptBytes(), keyCost);
    if (isUnpublished()) {
      shared.unpublished().decrementAndGet();
    }
    StreamPosition position = ring.head().next();
    ring.add(new Publication(position, payload, shared.clock().wallMillis()), now);
    payloadBytes += payload.keptBytes();
    return position;
  }

  /** Drops as many of the oldest as must go, and charges the budget; or throws and does nothing. */
  private void makeRoom(int size, long keyCost) {
    int count = 0;
    long freed = 0;
    while (count < ring.size() && isOverLimits(count, freed, size)) {
      freed += ring.get(count).payload().keptBytes();
      count++;
    }
    ByteBudget budget = shared.budget();
    while (!budget.tryAdd(keyCost + cost(1, size) - cost(count, freed))) {
      if (count == ring.size()) {
        throw budget.refusal();
      }
      freed += ring.get(count).payload().keptBytes();
      count++;
    }
    ring.dropOldest(count);
    payloadBytes -= freed;
  }

  /** Whether without the {@code count} oldest, but with a new one, it would be too much. */
  private boolean isOverLimits(int count, long freed, int newSize) {
    return ring.size() - count >= limits.publications()
        || payloadBytes - freed + newSize > limits.bytes();
  }

  private int countAged(long now) {
    long ageMillis = limits.age().toMillis();
    int count = 0;
    while (count < ring.size() && now - ring.timeMillis(count) >= ageMillis) {
      count++;
    }
    return count;
  }

  private void drop(int count) {
    long freed = 0;
    for (int i = 0; i < count; i++) {
      freed += ring.get(i).payload().keptBytes();
    }
    ring.dropOldest(count);
    payloadBytes -= freed;
    shared.budget().release(cost(count, freed));
  }

  /** A log that still knows keys is needed: without it, a retry would publish again. */
  private boolean isUnneeded() {
    return !retired && ring.size() == 0 && followers.length == 0 && keys.isEmpty();
  }

  private long idleMillis() {
    long idle = shared.config().idle().toMillis();
    return isUnpublished() ? Math.min(idle, UNPUBLISHED_IDLE_MILLIS) : idle;
  }

  private void remove(Follower follower) {
    lock.lock();
    try {
      List<Follower> rest = new ArrayList<>(Arrays.asList(followers));
      if (rest.remove(follower)) {
        touch();
        followers = rest.toArray(NO_FOLLOWERS);
        if (isUnneeded()) {
          queue();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static long cost(int publications, long bytes) {
    return (long) publications * PUBLICATION_OVERHEAD + bytes;
  }

  private final class Follower implements Tail {
    private final Runnable onGrow;
    private volatile boolean closed;

    Follower(Runnable onGrow) {
      this.onGrow = onGrow;
    }

    @Override
    public StreamPosition head() {
      return ring.head();
    }

    @Override
    public boolean read(StreamPosition after, ReadLimit limit, List<Publication> into) {
      return ring.read(after, limit, into);
    }

    @Override
    public void close() {
      closed = true;
      remove(this);
    }

    /** What goes wrong in one follower is neither the publisher's business nor the others'. */
    void grew() {
      if (closed) {
        return;
      }
      try {
        onGrow.run();
      } catch (Throwable e) {
        // Not kept: the first logger that is asked for looks for a logging system in each jar.
        System.getLogger(ChannelLog.class.getName()).log(Level.WARNING, "A follower threw", e);
      }
    }
  }
}
