package dev.halley.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Places for members, of all channels together: so many in all, and so many for one user, who could
 * take them all otherwise. For use by many threads.
 */
final class PresencePlaces {
  private final int mostPerUser;
  private final Semaphore free;
  private final Map<String, Integer> taken = new ConcurrentHashMap<>();

  PresencePlaces(PresenceLimits limits) {
    this.mostPerUser = limits.channelsPerUser();
    this.free = new Semaphore(limits.total());
  }

  /** Takes one for a user; returns whether there was one. */
  boolean tryTake(String user) {
    if (!free.tryAcquire()) {
      return false;
    }
    if (taken.merge(user, 1, Integer::sum) > mostPerUser) {
      giveBack(user);
      return false;
    }
    return true;
  }

  /** Gives back one that was taken. */
  void giveBack(String user) {
    taken.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
    free.release();
  }

  /** How many users have one. */
  int users() {
    return taken.size();
  }
}
