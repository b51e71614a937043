package dev.halley.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who is present on one channel. Whoever looks or changes something holds its lock, also while the
 * change is published: so the log has the changes in their order, and its head is the position of
 * what is here.
 *
 * <p>One with nobody in it is retired, under its lock, and forgotten. Whoever still had it in hand
 * is answered with null and has to ask for the channel's new one.
 */
final class ChannelPresence {
  private static final ReadLimit ONE = new ReadLimit(1, 1);

  /** A member, and when the lease of each holder ends. */
  private record Held(Member member, Map<String, Long> leases) {}

  private record Count(int anonymous, long endMillis) {}

  private final Broker broker;
  private final String log;
  private final int most;
  private final PresencePlaces places;
  private final BrokerClock clock;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Held> members = new LinkedHashMap<>();
  private final Map<String, Count> counts = new HashMap<>(2);
  private long incompleteUntilMillis = Long.MIN_VALUE;
  private boolean retired;

  /**
   * @param broker has the log of the changes
   * @param most members at a time
   * @param places for members, of all channels
   * @param clock says for others to read since when somebody is there; leases run on what is passed
   */
  ChannelPresence(
      Broker broker, String channel, int most, PresencePlaces places, BrokerClock clock) {
    this.clock = clock;
    this.broker = broker;
    this.log = PresenceChannels.of(channel);
    this.most = most;
    this.places = places;
  }

  /**
   * {@link Presence#renew}.
   *
   * @return null if it is retired
   * @throws BrokerUnavailableException if the user couldn't be announced; nothing has changed then
   */
  @Nullable Boolean renew(String user, String holder, long now, long leaseMillis) {
    lock.lock();
    try {
      if (retired) {
        return null;
      }
      Held held = members.get(user);
      if (held == null) {
        held = join(user);
      }
      if (held == null) {
        incompleteUntilMillis = Math.max(incompleteUntilMillis, now + leaseMillis);
        return false;
      }
      held.leases.put(holder, now + leaseMillis);
      return true;
    } finally {
      retireIfEmpty(now);
      lock.unlock();
    }
  }

  /** {@link Presence#release}. */
  void release(String user, String holder, long now, long afterMillis) {
    lock.lock();
    try {
      Held held = members.get(user);
      if (held != null && held.leases.containsKey(holder)) {
        if (afterMillis > 0) {
          held.leases.put(holder, now + afterMillis);
        } else {
          held.leases.remove(holder);
          leaveIfUnheld(held);
        }
      }
    } finally {
      retireIfEmpty(now);
      lock.unlock();
    }
  }

  /** {@link Presence#count}. Returns false if it is retired. */
  boolean count(String holder, int anonymous, long now, long leaseMillis) {
    lock.lock();
    try {
      if (retired) {
        return false;
      }
      if (anonymous > 0) {
        counts.put(holder, new Count(anonymous, now + leaseMillis));
      } else {
        counts.remove(holder);
      }
      return true;
    } finally {
      retireIfEmpty(now);
      lock.unlock();
    }
  }

  /**
   * {@link Presence#present}.
   *
   * @return null if it is retired
   */
  @Nullable Present present(long now) {
    lock.lock();
    try {
      if (retired) {
        return null;
      }
      StreamPosition head =
          broker.history(log, new Cursor.Latest(), ONE).toCompletableFuture().join().position();
      List<Member> all = members.values().stream().map(Held::member).toList();
      int anonymous = counts.values().stream().mapToInt(Count::anonymous).sum();
      return new Present(all, incompleteUntilMillis <= now, anonymous, head);
    } catch (CompletionException e) {
      throw unavailable(e);
    } finally {
      retireIfEmpty(now);
      lock.unlock();
    }
  }

  /** Ends the leases that have run out. Returns whether it is retired. */
  boolean expire(long now) {
    lock.lock();
    try {
      counts.values().removeIf(count -> count.endMillis <= now);
      for (Held held : new ArrayList<>(members.values())) {
        held.leases.values().removeIf(end -> end <= now);
        leaveIfUnheld(held);
      }
      return retireIfEmpty(now);
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is forgotten, or to be. */
  boolean isRetired() {
    lock.lock();
    try {
      return retired;
    } finally {
      lock.unlock();
    }
  }

  /** How many members there are. */
  int size() {
    lock.lock();
    try {
      return members.size();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Held join(String user) {
    if (members.size() >= most || !places.tryTake(user)) {
      return null;
    }
    Held held = new Held(new Member(user, clock.wallMillis()), new HashMap<>(2));
    boolean announced = false;
    try {
      publish(PresenceEvent.join(held.member));
      announced = true;
    } finally {
      if (!announced) {
        places.giveBack(user);
      }
    }
    members.put(user, held);
    return held;
  }

  /** Who can't be announced as gone stays until the next {@link #expire}. */
  private void leaveIfUnheld(Held held) {
    if (!held.leases.isEmpty()) {
      return;
    }
    String user = held.member.user();
    try {
      publish(PresenceEvent.leave(user));
    } catch (BrokerUnavailableException e) {
      return;
    }
    members.remove(user);
    places.giveBack(user);
  }

  private void publish(Payload change) {
    try {
      broker.publish(log, change).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw unavailable(e);
    }
  }

  private static BrokerUnavailableException unavailable(CompletionException e) {
    return e.getCause() instanceof BrokerUnavailableException cause
        ? cause
        : new BrokerUnavailableException("The broker failed");
  }

  private boolean retireIfEmpty(long now) {
    retired |= members.isEmpty() && counts.isEmpty() && incompleteUntilMillis <= now;
    return retired;
  }
}
