package dev.halley.server.hub;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.Cursor;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** From the cursors of a request to subscriptions that are ready to start. */
public final class StreamStart {
  private static final ReadLimit ONE = new ReadLimit(1, 1);

  private StreamStart() {}

  /**
   * Puts a position in the place of each {@code earliest}: the one before the oldest publication
   * kept. Calls one of the consumers on the shard's loop, at once if the broker knows at once. What
   * the first one throws then goes to the caller; if it is called later and says that the broker is
   * unavailable, the second one is told.
   */
  public static void resolve(
      Hub hub,
      HubShard shard,
      List<String> channels,
      List<Cursor> cursors,
      Consumer<List<Cursor>> resolved,
      Consumer<Throwable> failed) {
    resolveFrom(0, hub, shard, channels, new ArrayList<>(cursors), resolved, failed);
  }

  private static void resolveFrom(
      int index,
      Hub hub,
      HubShard shard,
      List<String> channels,
      List<Cursor> cursors,
      Consumer<List<Cursor>> resolved,
      Consumer<Throwable> failed) {
    int i = index;
    while (i < cursors.size() && !(cursors.get(i) instanceof Cursor.Earliest)) {
      i++;
    }
    if (i == cursors.size()) {
      resolved.accept(cursors);
      return;
    }
    int earliest = i;
    hub.onLoop(
        shard.eventLoop(),
        hub.broker().history(channels.get(i), cursors.get(i), ONE),
        batch -> {
          StreamPosition start =
              batch.publications().stream()
                  .findFirst()
                  .map(StreamStart::before)
                  .orElse(batch.position());
          cursors.set(earliest, new Cursor.After(start));
          try {
            resolveFrom(earliest + 1, hub, shard, channels, cursors, resolved, failed);
          } catch (BrokerUnavailableException e) {
            failed.accept(e);
          }
        },
        failed);
  }

  /**
   * Subscribes to all, or to none.
   *
   * @throws dev.halley.broker.BrokerUnavailableException if one can't be followed now
   */
  public static List<Subscription> subscribe(
      HubShard shard, Subscriber subscriber, List<String> channels, List<Cursor> cursors) {
    List<Subscription> subscriptions = new ArrayList<>(channels.size());
    try {
      for (int i = 0; i < channels.size(); i++) {
        subscriptions.add(shard.subscribe(subscriber, channels.get(i), cursors.get(i)));
      }
      return List.copyOf(subscriptions);
    } catch (Throwable e) {
      subscriptions.forEach(Subscription::cancel);
      throw e;
    }
  }

  /** The subscriptions' cursors, separated by commas. */
  public static String positions(List<Subscription> subscriptions) {
    if (subscriptions.size() == 1) {
      return subscriptions.get(0).position().toString();
    }
    return subscriptions.stream()
        .map(subscription -> subscription.position().toString())
        .collect(Collectors.joining(","));
  }

  private static StreamPosition before(Publication oldest) {
    StreamPosition position = oldest.position();
    return new StreamPosition(position.epoch(), position.offset() - 1);
  }
}
