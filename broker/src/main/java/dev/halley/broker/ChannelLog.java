package dev.halley.broker;

import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

  private static final Follower[] NO_FOLLOWERS = {};

  private final HistoryLimits limits;
  private final long ageMillis;
  private final long idleMillis;
  private final ByteBudget budget;
  private final InstantSource clock;

  private final ReentrantLock lock = new ReentrantLock();
  private final PublicationRing ring;
  private final IdempotencyKeys keys;
  private volatile Follower[] followers = NO_FOLLOWERS;
  private long payloadBytes;
  private long touchedMillis;
  private boolean retired;

  ChannelLog(
      MemoryBroker.Config config,
      HistoryLimits limits,
      String epoch,
      ByteBudget budget,
      InstantSource clock) {
    this.limits = limits;
    this.ageMillis = limits.age().toMillis();
    this.idleMillis = config.idle().toMillis();
    this.budget = budget;
    this.clock = clock;
    this.ring = new PublicationRing(new StreamPosition(epoch, 0));
    this.keys =
        new IdempotencyKeys(
            config.idempotencyWindow(), config.idempotencyKeys(), budget.forgottenKeys());
    this.touchedMillis = clock.millis();
  }

  /**
   * {@link Broker#publish}.
   *
   * @return null if the log is retired
   * @throws BrokerUnavailableException if there is no room; nothing has changed then
   */
  @Nullable StreamPosition append(Payload payload, Optional<String> idempotencyKey) {
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
        String key = idempotencyKey.get();
        StreamPosition first = keys.find(key, now);
        if (first != null) {
          return first;
        }
        position = store(payload, IdempotencyKeys.cost(key), now);
        budget.release(keys.remember(key, position, now));
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
      long now = clock.millis();
      drop(countAged(now));
      budget.release(keys.expire(now));
      ring.compact();
      retired |= isIdle(now);
      return retired;
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of all that it holds. */
  void retire() {
    lock.lock();
    try {
      retired = true;
      drop(ring.size());
      budget.release(keys.clear());
      ring.compact();
      followers = NO_FOLLOWERS;
    } finally {
      lock.unlock();
    }
  }

  private long touch() {
    touchedMillis = clock.millis();
    return touchedMillis;
  }

  private StreamPosition store(Payload payload, long keyCost, long now) {
    makeRoom(payload.keptBytes(), keyCost);
    StreamPosition position = ring.head().next();
    ring.add(new Publication(position, payload, now));
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
    while (!budget.tryAdd(keyCost + cost(1, size) - cost(count, freed))) {
      if (count == ring.size()) {
        budget.refusals().increment();
        throw new BrokerUnavailableException(
            "The limit total-bytes is reached: all logs together hold at most "
                + budget.limit()
                + " bytes");
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
    int count = 0;
    while (count < ring.size() && now - ring.get(count).timeMillis() >= ageMillis) {
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
    budget.release(cost(count, freed));
  }

  /** A log that still knows keys is needed: without it, a retry would publish again. */
  private boolean isIdle(long now) {
    return ring.size() == 0
        && followers.length == 0
        && keys.isEmpty()
        && now - touchedMillis >= idleMillis;
  }

  private void remove(Follower follower) {
    lock.lock();
    try {
      List<Follower> rest = new ArrayList<>(Arrays.asList(followers));
      if (rest.remove(follower)) {
        touch();
        followers = rest.toArray(NO_FOLLOWERS);
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
