package dev.halley.server.hub;

import java.util.Arrays;

/**
 * The live subscriptions of one channel, shard and wire form. Adding and removing cost the same
 * whatever their number.
 */
final class LiveList {
  private Subscription[] items = new Subscription[2];

  /** Those of the items, side by side: who writes to all needs nothing else. */
  private Outlet[] outlets = new Outlet[2];

  private int size;

  int size() {
    return size;
  }

  Subscription get(int index) {
    return items[index];
  }

  Outlet outlet(int index) {
    return outlets[index];
  }

  /** Adds one; if that throws, nothing has changed. */
  void add(Subscription subscription) {
    if (size == items.length) {
      resize(size * 2);
    }
    Outlet outlet = subscription.subscriber().outlet();
    subscription.liveIndex = size;
    items[size] = subscription;
    outlets[size++] = outlet;
  }

  /** Its subscriber has another outlet. */
  void refresh(Subscription subscription) {
    outlets[subscription.liveIndex] = subscription.subscriber().outlet();
  }

  /** Removes one; the last takes its place. */
  @SuppressWarnings("NullAway") // the slots behind the end are never read
  void remove(Subscription subscription) {
    Subscription last = items[--size];
    items[subscription.liveIndex] = last;
    outlets[subscription.liveIndex] = outlets[size];
    last.liveIndex = subscription.liveIndex;
    items[size] = null;
    outlets[size] = null;
    subscription.liveIndex = -1;
    if (size < items.length / 4 && items.length > 16) {
      try {
        resize(items.length / 2);
      } catch (OutOfMemoryError e) {
        // It stays as large as it is.
      }
    }
  }

  private void resize(int capacity) {
    Subscription[] moreItems = Arrays.copyOf(items, capacity);
    outlets = Arrays.copyOf(outlets, capacity);
    items = moreItems;
  }
}
