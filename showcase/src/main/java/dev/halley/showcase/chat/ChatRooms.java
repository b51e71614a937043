package dev.halley.showcase.chat;

import dev.halley.broker.Broker;
import dev.halley.broker.Cursor;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells the rooms who comes and goes. What it answers about a room, and where in the room's channel
 * that was true, belong together: who follows the channel from there misses no change.
 *
 * <p>Safe for use by many threads. Methods wait for the broker.
 */
final class ChatRooms {
  /**
   * Who is where.
   *
   * @param people those in the room, in order
   * @param since where {@link ChatChannels#people} says what changes after that
   * @param rooms how many are in each room that has any
   */
  record Presence(List<String> people, StreamPosition since, SortedMap<String, Integer> rooms) {}

  /** No room is left: the message is the rule. */
  static final class FullException extends Exception {
    private static final long serialVersionUID = 1L;

    FullException(String rule) {
      super(rule);
    }
  }

  private static final ReadLimit HEAD_ONLY = new ReadLimit(1, 1);

  private final Broker broker;
  private final Leases leases;
  private final ReentrantLock lock = new ReentrantLock();

  ChatRooms(Broker broker, Leases leases) {
    this.broker = broker;
    this.leases = leases;
  }

  /**
   * A tab is in a room, for as long as a lease.
   *
   * @throws FullException if it can't be; then nothing has changed
   */
  Presence enter(String room, String name, String tab) throws FullException {
    lock.lock();
    try {
      publish(leases.expire());
      switch (leases.renew(room, name, tab)) {
        case Leases.Renewal.Held held -> publish(held.changes());
        case Leases.Renewal.Full full -> throw new FullException(full.rule());
      }
      StreamPosition since =
          broker
              .history(ChatChannels.people(room), new Cursor.Latest(), HEAD_ONLY)
              .toCompletableFuture()
              .join()
              .position();
      return new Presence(leases.in(room), since, leases.occupied());
    } finally {
      lock.unlock();
    }
  }

  /** A tab is closed. */
  void leave(String tab) {
    lock.lock();
    try {
      publish(leases.release(tab));
    } finally {
      lock.unlock();
    }
  }

  /** Lets those go who have not been heard of. To be called about once a second. */
  void expire() {
    lock.lock();
    try {
      publish(leases.expire());
    } finally {
      lock.unlock();
    }
  }

  private void publish(List<Change> changes) {
    for (Change change : changes) {
      publish(ChatChannels.people(change.room()), ChatJson.change(change));
    }
    if (!changes.isEmpty()) {
      publish(ChatChannels.ROOMS, ChatJson.rooms(leases.occupied()));
    }
  }

  private void publish(String channel, String json) {
    broker.publish(channel, Payload.json(json), Optional.empty()).toCompletableFuture().join();
  }
}
