package dev.halley.server.http;

import dev.halley.broker.StreamPosition;
import dev.halley.server.hub.HubShard;
import dev.halley.websocket.Header;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last answer that a poll of this shard got, for the others that wait at the same place: a
 * publish to ten thousand parked polls encodes once. What follows a position never changes, so an
 * answer is right for as long as it is kept, which is one turn of the loop.
 */
final class PollAnswers {
  private record Key(
      String channel,
      StreamPosition after,
      int limit,
      long waitSeconds,
      boolean keepAlive,
      String version,
      List<Header> headers) {}

  private final HubShard shard;
  private @Nullable Key key;
  private @Nullable Answer answer;
  private int publications;
  private int bytes;

  PollAnswers(HubShard shard) {
    this.shard = shard;
  }

  /** A reference to the answer for such a request, if it is the one that is kept. */
  Optional<Answer> find(Exchange exchange, ListenRequest request, StreamPosition after) {
    Answer kept = answer;
    if (kept == null || !keyOf(exchange, request, after).equals(key)) {
      return Optional.empty();
    }
    return Optional.of(kept.share());
  }

  /** How many publications the answer has that was found. */
  int publications() {
    return publications;
  }

  /** How many bytes its body has. */
  int bytes() {
    return bytes;
  }

  /**
   * Keeps a reference of its own until the end of this turn of the loop.
   *
   * @param count how many publications it has
   * @param size how many bytes its body has
   */
  void remember(
      Exchange exchange,
      ListenRequest request,
      StreamPosition after,
      Answer given,
      int count,
      int size) {
    if (answer == null) {
      shard.eventLoop().execute(this::forget);
    } else {
      answer.bytes().release();
    }
    key = keyOf(exchange, request, after);
    answer = given.share();
    publications = count;
    bytes = size;
  }

  private void forget() {
    if (answer != null) {
      answer.bytes().release();
    }
    answer = null;
    key = null;
  }

  private static Key keyOf(Exchange exchange, ListenRequest request, StreamPosition after) {
    return new Key(
        request.channels().get(0),
        after,
        request.limit(),
        request.waitTime().toSeconds(),
        exchange.keepAlive(),
        exchange.version(),
        exchange.commonHeaders());
  }
}
