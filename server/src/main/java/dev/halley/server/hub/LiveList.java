package dev.halley.server.hub;

import java.util.Arrays;

/**
 * The live subscriptions of one channel, shard and wire form. Adding and removing cost the same
 * whatever their number.
 */
final class LiveList {
  private Subscription[] items = new Subscription[2];
  private int size;

  int size() {
    return size;
  }

  Subscription get(int index) {
    return items[index];
  }

  void add(Subscription subscription) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    subscription.liveIndex = size;
    items[size++] = subscription;
  }

  /** Removes one; the last takes its place. */
  @SuppressWarnings("NullAway") // the slot behind the end is never read
  void remove(Subscription subscription) {
    Subscription last = items[--size];
    items[subscription.liveIndex] = last;
    last.liveIndex = subscription.liveIndex;
    items[size] = null;
    subscription.liveIndex = -1;
    if (size < items.length / 4 && items.length > 16) {
      items = Arrays.copyOf(items, items.length / 2);
    }
  }
}
