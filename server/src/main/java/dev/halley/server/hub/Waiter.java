package dev.halley.server.hub;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who wants to know once that a channel grew: a parked poll. It is its own link in the
 * channel's list, so that ten thousand of them need nothing beside themselves; one who waits on
 * several channels needs a waiter for each. Used on the event loop of its shard.
 */
public abstract class Waiter {
  @Nullable Waiter before;
  @Nullable Waiter after;

  /**
   * There is something to read, or there may be. The waiter has been taken off the channel's list.
   * What goes wrong ends what waits, and isn't thrown.
   */
  public abstract void wake();
}
