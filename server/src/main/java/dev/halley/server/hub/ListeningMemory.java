package dev.halley.server.hub;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of those that are connected and listen, never more than its bound: what each takes is
 * charged when it comes and given back when it goes, and where there is no room the newest is
 * refused. The numbers are what a histogram of the heap shows of idle ones, rounded up. For any
 * thread.
 */
public final class ListeningMemory {
  /**
   * A connection in the clear: its channel with its pipeline, or the bare socket that it becomes;
   * its request or stream, and its timer.
   */
  public static final int CONNECTION = 2 << 10;

  /** A connection with TLS: the same, and the engine with its session and buffers. */
  public static final int TLS_CONNECTION = 32 << 10;

  /**
   * A channel that is followed by an event loop, besides its name: the fan-out, its lists, its
   * places in maps, and its follower in the broker.
   */
  static final long FOLLOWED = 1_000;

  /** A subscription, or the place of a parked poll on a channel. */
  static final long LISTENER = 300;

  /** The last part of the bound is for connections alone: listeners keep no publisher out. */
  private static final int PARTS = 16;

  private final long limit;
  private final long limitOfListeners;
  private final ServerMetrics metrics;
  private final AtomicLong used = new AtomicLong();
  private final AtomicBoolean told = new AtomicBoolean();

  /**
   * Nothing is taken yet.
   *
   * @param limit in bytes
   */
  public ListeningMemory(long limit, ServerMetrics metrics) {
    this.limit = limit;
    this.limitOfListeners = limit - limit / PARTS;
    this.metrics = metrics;
  }

  /** How many bytes are taken. */
  public long used() {
    return used.get();
  }

  /** Takes so many bytes, or nothing and returns false; the operator is told of the first time. */
  public boolean tryTake(long bytes) {
    return tryTake(bytes, limit);
  }

  private boolean tryTake(long bytes, long most) {
    long before;
    do {
      before = used.get();
      if (bytes > most - before) {
        if (told.compareAndSet(false, true)) {
          System.getLogger(ListeningMemory.class.getName())
              .log(
                  Level.WARNING,
                  "{0} is reached: more connections and listeners than fit into {1} bytes are refused",
                  Limit.LISTENING_BYTES.key(),
                  Long.toString(limit));
        }
        return false;
      }
    } while (!used.compareAndSet(before, before + bytes));
    return true;
  }

  /** Gives back what was taken. */
  public void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  /**
   * Takes what a listener needs.
   *
   * @throws BrokerUnavailableException if there is no room
   */
  void takeListener(String channel, boolean isFirst) {
    if (!tryTake(costOf(channel, isFirst), limitOfListeners)) {
      metrics.exceed(Limit.LISTENING_BYTES);
      throw new BrokerUnavailableException("There are too many listeners");
    }
  }

  /** The counterpart of {@link #takeListener}. */
  void giveBackListener(String channel, boolean wasLast) {
    giveBack(costOf(channel, wasLast));
  }

  private static long costOf(String channel, boolean alone) {
    return alone ? LISTENER + FOLLOWED + channel.length() : LISTENER;
  }
}
