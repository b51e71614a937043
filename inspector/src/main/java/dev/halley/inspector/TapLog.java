package dev.halley.inspector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest events, in a ring, and viewers that are cursors in it: a viewer that is slow is told
 * what it missed, and nobody waits for it. Bounded by count and by bytes.
 *
 * <p>For any number of threads on both ends.
 */
public final class TapLog {
  /** What an event takes besides its payload, roughly. */
  private static final long OVERHEAD = 256;

  private final @Nullable TapEvent[] ring;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final Condition shrunk = lock.newCondition();
  private int waiting;
  private long oldest;
  private long next;
  private long bytes;
  private boolean ended;
  private long heldFrom = Long.MAX_VALUE;

  private final LongAdder connections = new LongAdder();
  private final LongAdder open = new LongAdder();
  private final LongAdder frames = new LongAdder();
  private final LongAdder breaches = new LongAdder();

  /**
   * An empty log.
   *
   * @param mostEvents to be kept
   * @param mostBytes of payload to be kept
   */
  public TapLog(int mostEvents, long mostBytes) {
    ring = new TapEvent[mostEvents];
    this.mostBytes = mostBytes;
  }

  /**
   * What a viewer reads at once.
   *
   * @param missed how many events were gone before these
   * @param first the number of the first of these
   * @param events in their order
   * @param ended whether no event will follow these
   */
  public record Batch(long missed, long first, List<TapEvent> events, boolean ended) {
    /** Where to read on. */
    public long next() {
      return first + events.size();
    }
  }

  /** What has passed in all. */
  public record Totals(long connections, long open, long frames, long breaches) {}

  /** Appends an event; the oldest ones leave if there is no room. */
  public void append(TapEvent event) {
    count(event);
    lock.lock();
    try {
      while (next - oldest == ring.length || (bytes > mostBytes && oldest < next)) {
        if (oldest >= heldFrom) {
          shrunk.awaitUninterruptibly();
        } else {
          drop();
        }
      }
      ring[(int) (next % ring.length)] = event;
      bytes += weight(event);
      next++;
      if (waiting > 0) {
        grown.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void drop() {
    int slot = (int) (oldest % ring.length);
    TapEvent gone = ring[slot];
    bytes -= gone == null ? 0 : weight(gone);
    ring[slot] = null;
    oldest++;
  }

  /**
   * Lets {@link #append} wait from now on until what is new has been read: for a capture in a file,
   * which has time, and one viewer, which tells how far it has read.
   */
  public void holdForViewer() {
    holdFrom(oldest());
  }

  /** Nobody has to be waited for any more. */
  public void release() {
    holdFrom(Long.MAX_VALUE);
  }

  /** A viewer that may be waited for has read up to here. */
  void hasRead(long cursor) {
    lock.lock();
    try {
      if (heldFrom != Long.MAX_VALUE) {
        holdFrom(cursor);
      }
    } finally {
      lock.unlock();
    }
  }

  private void holdFrom(long cursor) {
    lock.lock();
    try {
      heldFrom = cursor;
      shrunk.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** No event will come any more. */
  public void end() {
    lock.lock();
    try {
      ended = true;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The number of the oldest event that is kept. */
  public long oldest() {
    lock.lock();
    try {
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads from a cursor on; waits if there is nothing.
   *
   * @param from the number of the first event to be read
   * @param most how many at once
   * @param patienceMillis how long to wait; after that the batch is empty
   */
  public Batch read(long from, int most, long patienceMillis) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
      while (from >= next && !ended && left > 0) {
        waiting++;
        try {
          left = grown.awaitNanos(left);
        } finally {
          waiting--;
        }
      }
      long first = Math.max(from, oldest);
      long end = Math.min(next, first + most);
      List<TapEvent> events = new ArrayList<>((int) Math.max(0, end - first));
      for (long at = first; at < end; at++) {
        TapEvent event = ring[(int) (at % ring.length)];
        if (event != null) {
          events.add(event);
        }
      }
      return new Batch(first - from, first, events, ended && end >= next);
    } finally {
      lock.unlock();
    }
  }

  /** Counts of all that has passed, also of what has left the log. */
  public Totals totals() {
    return new Totals(connections.sum(), open.sum(), frames.sum(), breaches.sum());
  }

  private void count(TapEvent event) {
    switch (event) {
      case TapEvent.Opened unused -> {
        connections.increment();
        open.increment();
      }
      case TapEvent.Closed unused -> open.decrement();
      case TapEvent.Frame unused -> frames.increment();
      case TapEvent.Request unused -> {}
      case TapEvent.Response unused -> {}
      case TapEvent.Body unused -> {}
      case TapEvent.ServerSentEvent unused -> {}
      case TapEvent.Handshake unused -> {}
      case TapEvent.Http2Frame unused -> {}
      case TapEvent.Notice unused -> {}
    }
    if (!event.breaches().isEmpty()) {
      breaches.add(event.breaches().size());
    }
  }

  private static long weight(TapEvent event) {
    return OVERHEAD
        + switch (event) {
          case TapEvent.Frame it ->
              it.payload().bytes().length + it.inflated().map(i -> i.bytes().length).orElse(0);
          case TapEvent.Body it -> it.content().bytes().length;
          case TapEvent.ServerSentEvent it -> it.data().bytes().length;
          case TapEvent.Http2Frame it -> it.text().length();
          case TapEvent.Request it -> it.headLength();
          case TapEvent.Response it -> it.headLength();
          case TapEvent.Opened unused -> 0;
          case TapEvent.Closed unused -> 0;
          case TapEvent.Handshake unused -> 0;
          case TapEvent.Notice unused -> 0;
        };
  }
}
