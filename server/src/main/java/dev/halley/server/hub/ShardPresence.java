package dev.halley.server.hub;

import dev.halley.broker.Presence;
import dev.halley.server.Failures;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Who listens on this event loop, for the broker's {@link Presence}: one lease per user and channel
 * for all of its streams and parked polls, which is renewed while there are any, and another one
 * after the answer to a poll, which runs out unless the next one comes. A connection adds a number
 * to that, and nothing of its own. Used on the shard's event loop only.
 *
 * <p>Renewals come in the order in which they are due, a few per turn of the loop, so that many
 * leases don't hold up what is to be delivered. A lease is renewed when a third of it is over: two
 * renewals may fail.
 */
public final class ShardPresence implements TimerWheel.Task {
  private static final int RENEWALS_PER_TURN = 500;

  /** Nobody's name is empty: who has none is counted. */
  private record Key(String channel, Optional<String> user) {}

  private static final class Held {
    int listeners;

    /** By the clock that never stands: leases run out while this process does. */
    long renewedNanos;
  }

  private final Hub hub;
  private final HubShard shard;
  private final String holder;
  private final String pollHolder;
  private final Duration lease;
  private final long renewAfterNanos;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);

  /** From the one that was renewed longest ago to the newest. */
  private final LinkedHashMap<Key, Held> held = new LinkedHashMap<>();

  ShardPresence(Hub hub, HubShard shard, String holder) {
    this.hub = hub;
    this.shard = shard;
    this.holder = holder;
    this.pollHolder = holder + ".poll";
    this.lease = hub.presence().lease();
    this.renewAfterNanos = lease.toNanos() / 3;
  }

  /** A stream or a parked poll begins on a channel that has presence. */
  void enter(String channel, Optional<String> user) {
    try {
      begin(channel, user);
    } catch (Throwable e) {
      fail(channel, e);
    }
  }

  private void begin(String channel, Optional<String> user) {
    Key key = key(channel, user);
    Held mine = held.computeIfAbsent(key, it -> new Held());
    mine.listeners++;
    if (mine.listeners == 1 || key.user.isEmpty()) {
      renew(key, mine);
    }
    if (held.size() == 1) {
      setTimer();
    }
  }

  /** The counterpart of {@link #enter}. */
  void leave(String channel, Optional<String> user) {
    try {
      end(channel, user);
    } catch (Throwable e) {
      fail(channel, e);
    }
  }

  private void end(String channel, Optional<String> user) {
    Key key = key(channel, user);
    Held mine = held.get(key);
    if (mine == null) {
      throw new IllegalStateException("nobody has entered");
    }
    mine.listeners--;
    if (key.user.isEmpty()) {
      renew(key, mine);
    }
    if (mine.listeners > 0) {
      return;
    }
    held.remove(key);
    key.user.ifPresent(name -> release(channel, name));
    if (held.isEmpty()) {
      shard.timers().cancel(timer);
    }
  }

  /** A poll of these channels is answered. Who has no name can't be told from others then. */
  public void polled(List<String> channels, Optional<String> user) {
    if (user.isEmpty() || !hub.policies().hasPresence()) {
      return;
    }
    for (String channel : channels) {
      if (hub.policies().hasPresence(channel)) {
        try {
          key(channel, user).user.ifPresent(name -> renew(channel, name, pollHolder));
        } catch (Throwable e) {
          fail(channel, e);
        }
      }
    }
  }

  @Override
  public void onDeadline(long nanoTime) {
    int renewed = 0;
    while (renewed < RENEWALS_PER_TURN && isDue()) {
      Key eldest = held.firstEntry().getKey();
      renewed++;
      try {
        renew(eldest, held.firstEntry().getValue());
      } catch (Throwable e) {
        fail(eldest.channel, e);
        break; // the next turn is a tick later
      }
    }
    if (!held.isEmpty()) {
      setTimer();
    }
  }

  private boolean isDue() {
    return shard.timers().steadyNanoTime() - held.firstEntry().getValue().renewedNanos
        >= renewAfterNanos;
  }

  /** Each listener is told for itself. */
  @Override
  public void onDrain() {}

  /** Nothing ends here: leases are renewed for as long as there are any. */
  @Override
  public void abort() {
    if (!held.isEmpty()) {
      setTimer();
    }
  }

  /** Presence is no reason for a stream to end: who isn't listed is counted. */
  private void fail(String channel, Throwable cause) {
    hub.failures().contain(Failures.Place.BROKER, cause);
    unlisted(channel);
  }

  private void setTimer() {
    long dueNanos = held.firstEntry().getValue().renewedNanos + renewAfterNanos;
    shard.timers().set(timer, dueNanos - shard.timers().steadyNanoTime());
  }

  private void renew(Key key, Held mine) {
    mine.renewedNanos = shard.timers().steadyNanoTime();
    held.putLast(key, mine);
    if (key.user.isPresent()) {
      renew(key.channel, key.user.get(), holder);
    } else {
      settle(key.channel, presence().count(key.channel, holder, mine.listeners, lease));
    }
  }

  private void renew(String channel, String user, String by) {
    hub.onLoop(
        shard.eventLoop(),
        presence().renew(channel, user, by, lease),
        listed -> {
          if (!listed) {
            unlisted(channel);
          }
        },
        failure -> unlisted(channel));
  }

  /** However it ended: who comes and goes as fast as he can tells the others once per grace. */
  private void release(String channel, String user) {
    settle(channel, presence().release(channel, user, holder, hub.presence().grace()));
  }

  private void settle(String channel, CompletionStage<Void> said) {
    hub.onLoop(shard.eventLoop(), said, done -> {}, failure -> unlisted(channel));
  }

  private void unlisted(String channel) {
    shard.metersOf(channel).unlisted().increment();
  }

  private Presence presence() {
    return hub.broker().presence().orElseThrow();
  }

  /** A name that is too long to be listed is none. */
  private static Key key(String channel, Optional<String> user) {
    return new Key(channel, user.filter(name -> name.length() <= Presence.LONGEST_USER));
  }
}
