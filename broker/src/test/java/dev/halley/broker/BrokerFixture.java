package dev.halley.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;

/** A broker whose clock stands still and whose epochs can be repeated. */
final class BrokerFixture {
  static final ReadLimit ALL = new ReadLimit(Integer.MAX_VALUE, Integer.MAX_VALUE);

  final ManualClock clock = new ManualClock();
  final MemoryBroker broker;

  BrokerFixture(MemoryBroker.Config config) {
    this(config, channel -> config.history());
  }

  BrokerFixture(MemoryBroker.Config config, long seed) {
    broker =
        new MemoryBroker(
            config, channel -> config.history(), clock.both(), new SplittableRandom(seed));
  }

  BrokerFixture(MemoryBroker.Config config, Function<String, HistoryLimits> history) {
    broker = new MemoryBroker(config, history, clock.both(), new SplittableRandom(1));
  }

  StreamPosition publish(String channel, String text) {
    return broker
        .publish(channel, Payload.text(text), Optional.empty())
        .toCompletableFuture()
        .join();
  }

  StreamPosition publish(String channel, String text, String idempotencyKey) {
    return publish(channel, text, IdempotencyKey.of("", idempotencyKey));
  }

  StreamPosition publish(String channel, String text, IdempotencyKey key) {
    return broker
        .publish(channel, Payload.text(text), Optional.of(key))
        .toCompletableFuture()
        .join();
  }

  /** What a log, its publications without their texts, and its keys take. */
  static long cost(String channel, int publications) {
    return ChannelLog.cost(channel) + (long) publications * ChannelLog.PUBLICATION_OVERHEAD;
  }

  Batch history(String channel, Cursor since) {
    return history(channel, since, ALL);
  }

  Batch history(String channel, Cursor since, ReadLimit limit) {
    return broker.history(channel, since, limit).toCompletableFuture().join();
  }

  List<String> kept(String channel) {
    return texts(history(channel, new Cursor.Earliest()).publications());
  }

  static List<String> texts(List<Publication> publications) {
    List<String> texts = new ArrayList<>();
    for (Publication publication : publications) {
      texts.add(publication.payload().asText());
    }
    return texts;
  }
}
