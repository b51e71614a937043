package dev.halley.broker;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Which keys one log was published to with, and where the first publication of each stands. The
 * log's lock guards it. What is remembered is charged to the broker's bytes by the log; the methods
 * say how much.
 */
final class IdempotencyKeys {
  /** What the entry for a key takes besides its characters, in bytes, roughly. */
  private static final int OVERHEAD = 128;

  private record First(StreamPosition position, long timeMillis) {}

  private final long windowMillis;
  private final int limit;
  private final LongAdder forgotten;

  /** From the first one remembered to the last one. */
  private final LinkedHashMap<String, First> firsts = new LinkedHashMap<>();

  /**
   * None yet.
   *
   * @param forgotten counts those that make place for others
   */
  IdempotencyKeys(Duration window, int limit, LongAdder forgotten) {
    this.windowMillis = window.toMillis();
    this.limit = limit;
    this.forgotten = forgotten;
  }

  /** How many bytes it takes to remember {@code key}. */
  static long cost(String key) {
    return OVERHEAD + 2L * key.length();
  }

  boolean isEmpty() {
    return firsts.isEmpty();
  }

  /** The position that {@code key} was remembered with within the window. */
  @Nullable StreamPosition find(String key, long nowMillis) {
    First first = firsts.get(key);
    return first == null || isOver(first, nowMillis) ? null : first.position;
  }

  /** Remembers {@code key}, and returns how many bytes were freed by forgetting others. */
  long remember(String key, StreamPosition position, long nowMillis) {
    long freed = firsts.remove(key) == null ? 0 : cost(key);
    firsts.put(key, new First(position, nowMillis));
    if (firsts.size() <= limit) {
      return freed;
    }
    forgotten.increment();
    return freed + forgetEldest();
  }

  /** Forgets what is older than the window, and returns how many bytes that freed. */
  long expire(long nowMillis) {
    long freed = 0;
    Map.Entry<String, First> eldest = firsts.firstEntry();
    while (eldest != null && isOver(eldest.getValue(), nowMillis)) {
      freed += forgetEldest();
      eldest = firsts.firstEntry();
    }
    return freed;
  }

  /** Forgets all, and returns how many bytes that freed. */
  long clear() {
    long freed = 0;
    for (String key : firsts.keySet()) {
      freed += cost(key);
    }
    firsts.clear();
    return freed;
  }

  private long forgetEldest() {
    Map.Entry<String, First> eldest = firsts.pollFirstEntry();
    return eldest == null ? 0 : cost(eldest.getKey());
  }

  private boolean isOver(First first, long nowMillis) {
    return nowMillis - first.timeMillis >= windowMillis;
  }
}
