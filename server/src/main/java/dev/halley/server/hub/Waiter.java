package dev.halley.server.hub;

/**
 * Somebody who wants to know once that a channel grew: a parked poll. Called on the event loop of
 * its shard.
 */
public interface Waiter {
  /**
   * There is something to read, or there may be. The waiter has been taken off the channel's list.
   */
  void wake();
}
