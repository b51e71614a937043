package dev.halley.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Places for members, of all channels together: so many in all, and so many for one user, who could
 * take them all otherwise. For use by many threads.
 */
final class PresencePlaces {
  /**
   * What a member takes besides the characters of the name, in bytes, roughly: the entry of the
   * list (48), the member and its name (80), the leases of two holders (200), and a place in {@link
   * #taken} for each user, the first time (70).
   */
  private static final int MEMBER_OVERHEAD = 400;

  private final ByteBudget budget;
  private final int mostPerUser;
  private final Semaphore free;
  private final Map<String, Integer> taken = new ConcurrentHashMap<>();

  PresencePlaces(PresenceLimits limits, ByteBudget budget) {
    this.budget = budget;
    this.mostPerUser = limits.channelsPerUser();
    this.free = new Semaphore(limits.total());
  }

  /** Takes one for a user; returns whether there was one. */
  boolean tryTake(String user) {
    if (!free.tryAcquire()) {
      return false;
    }
    if (!budget.tryAdd(cost(user))) {
      free.release();
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
    budget.release(cost(user));
  }

  /** How many bytes it takes to list a user on a channel. */
  static long cost(String user) {
    return MEMBER_OVERHEAD + 2L * user.length();
  }

  /** How many users have one. */
  int users() {
    return taken.size();
  }
}
