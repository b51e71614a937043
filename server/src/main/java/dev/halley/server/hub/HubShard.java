package dev.halley.server.hub;

import dev.halley.broker.Cursor;
import dev.halley.server.Failures;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.meter.LoopMeters;
import dev.halley.server.meter.PatternMeters;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers whose connections one event loop owns, by channel, in plain collections: only
 * that loop uses them.
 */
public final class HubShard {
  private final Hub hub;
  private final EventLoop loop;
  private final TimerWheel timers;
  private final LoopMeters meters;
  private final ShardPresence presence;
  private final Map<String, Fanout> fanouts = new HashMap<>();

  /** Whether a fan-out is to be tried again; any thread says so. */
  private volatile boolean anyDelayed;

  private @Nullable ByteBuf @Nullable [] buffers = new @Nullable ByteBuf[WireForm.COUNT];

  HubShard(Hub hub, EventLoop loop, String holder) {
    this.hub = hub;
    this.loop = loop;
    this.timers = new TimerWheel(loop, System::nanoTime, hub.failures());
    this.meters = new LoopMeters(loop, hub.patterns().size());
    this.presence = new ShardPresence(hub, this, holder);
  }

  /** Begins to look after what couldn't be done at once. */
  void start() {
    meters.eachPeriod(this::lookAfter);
  }

  /** The loop that owns this shard. */
  public EventLoop eventLoop() {
    return loop;
  }

  /** The deadlines of this loop's connections. */
  public TimerWheel timers() {
    return timers;
  }

  /** The memory of what arrives, of all shards. */
  public Arrivals arrivals() {
    return hub.arrivals();
  }

  /** Who listens here, for those who ask. */
  public ShardPresence presence() {
    return presence;
  }

  /** What this loop counts. */
  public LoopMeters meters() {
    return meters;
  }

  /** What this loop counts of the channels of one channel's pattern. */
  public PatternMeters metersOf(String channel) {
    return meters.pattern(hub.patternOf(channel));
  }

  /**
   * Subscribes. Nothing is sent before {@link Subscription#start}.
   *
   * @param cursor after a position, or latest; earliest is resolved by the caller, for it needs the
   *     broker
   * @throws dev.halley.broker.BrokerUnavailableException if the channel can't be followed now
   */
  public Subscription subscribe(Subscriber subscriber, String channel, Cursor cursor) {
    Fanout fanout = acquire(channel);
    try {
      return switch (cursor) {
        case Cursor.After after -> new Subscription(fanout, subscriber, after.position());
        case Cursor.Latest latest -> new Subscription(fanout, subscriber, fanout.drainToHead());
        case Cursor.Earliest earliest ->
            throw new IllegalArgumentException("Earliest isn't resolved");
      };
    } catch (Throwable e) {
      fanout.release();
      throw e;
    }
  }

  /**
   * Follows a channel for a poll, which then looks whether there is something and parks if there
   * isn't. The caller releases it.
   *
   * @throws dev.halley.broker.BrokerUnavailableException if the channel can't be followed now
   */
  public Fanout acquire(String channel) {
    Fanout fanout = fanouts.get(channel);
    hub.listening().takeListener(channel, fanout == null);
    if (fanout == null) {
      fanout = open(channel);
    }
    fanout.retain();
    return fanout;
  }

  private Fanout open(String channel) {
    Fanout fanout = null;
    try {
      fanout = new Fanout(hub, this, channel);
      fanouts.put(channel, fanout);
      return fanout;
    } catch (Throwable e) {
      hub.listening().giveBackListener(channel, true);
      if (fanout != null) {
        fanout.end();
      }
      throw e;
    }
  }

  /**
   * Follows several channels as {@link #acquire} does one, or none of them.
   *
   * @throws dev.halley.broker.BrokerUnavailableException if one can't be followed now
   */
  public List<Fanout> acquireAll(List<String> channels) {
    List<Fanout> followed = new ArrayList<>(channels.size());
    try {
      for (String channel : channels) {
        followed.add(acquire(channel));
      }
      return List.copyOf(followed);
    } catch (Throwable e) {
      followed.forEach(Fanout::release);
      throw e;
    }
  }

  /** The begin of a connection of this loop, with the next number. */
  public ConnectionStart newStart() {
    return new ConnectionStart(hub.nextConnection(), System.currentTimeMillis());
  }

  /**
   * Shows every connection of this loop. On the loop; what is shown must not be changed meanwhile.
   */
  public void forEachConnected(Consumer<Connected> each) {
    timers.forEach(
        task -> {
          if (task instanceof Connected connected) {
            each.accept(connected);
          }
        });
  }

  /**
   * Some of the channels that are followed here, and by how many. On the loop.
   *
   * @param prefix how their names begin
   * @param after they come after this one
   * @param limit at most so many, the first ones
   */
  public Map<String, Integer> followed(String prefix, String after, int limit) {
    TreeMap<String, Integer> first = new TreeMap<>();
    for (Fanout fanout : fanouts.values()) {
      String name = fanout.channel();
      if (name.startsWith(prefix) && name.compareTo(after) > 0) {
        first.put(name, fanout.references());
        if (first.size() > limit) {
          first.pollLastEntry();
        }
      }
    }
    return first;
  }

  /** How many follow a channel here. On the loop. */
  public int followers(String channel) {
    Fanout fanout = fanouts.get(channel);
    return fanout == null ? 0 : fanout.references();
  }

  /** How many polls are parked on a channel here. On the loop. */
  public int parkedPolls(String channel) {
    Fanout fanout = fanouts.get(channel);
    return fanout == null ? 0 : fanout.parked();
  }

  /** A fan-out couldn't deliver, for want of memory perhaps: it is woken a moment later. */
  void wakeLater() {
    anyDelayed = true;
  }

  /** Ends all connections of this loop, which runs no more. On its thread. */
  public void abortAll() {
    timers.abortAll();
  }

  private void lookAfter() {
    try {
      timers.ensureWoken();
      if (anyDelayed) {
        anyDelayed = false;
        fanouts.values().forEach(Fanout::wakeIfDelayed);
      }
    } catch (Throwable e) {
      anyDelayed = true;
      hub.failures().contain(Failures.Place.TASK, e);
    }
  }

  /** Room for one buffer of each wire form. The caller gives it back. */
  @Nullable ByteBuf[] borrowBuffers() {
    @Nullable ByteBuf[] mine = buffers;
    buffers = null;
    return mine == null ? new @Nullable ByteBuf[WireForm.COUNT] : mine;
  }

  /** The counterpart of {@link #borrowBuffers}: releases what is in there. */
  void giveBack(@Nullable ByteBuf[] borrowed) {
    for (int i = 0; i < borrowed.length; i++) {
      ByteBuf bytes = borrowed[i];
      if (bytes != null) {
        borrowed[i] = null;
        bytes.release();
      }
    }
    buffers = borrowed;
  }

  void forget(Fanout fanout) {
    fanouts.remove(fanout.channel());
  }
}
