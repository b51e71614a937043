package dev.halley.server.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many each has of what it may have a number of. Who has none is forgotten. For any number of
 * threads.
 *
 * @param <K> who
 */
final class Counts<K> {
  private final int most;
  private final Map<K, Integer> counts = new ConcurrentHashMap<>();

  Counts(int most) {
    this.most = most;
  }

  /** One more, unless there are too many. */
  boolean enter(K who) {
    boolean fits = counts.merge(who, 1, Integer::sum) <= most;
    if (!fits) {
      leave(who);
    }
    return fits;
  }

  /** One less of those that have entered. */
  void leave(K who) {
    counts.computeIfPresent(who, (key, count) -> count == 1 ? null : count - 1);
  }
}
