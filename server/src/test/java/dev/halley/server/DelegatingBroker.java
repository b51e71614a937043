package dev.halley.server;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUsage;
import dev.halley.broker.ChannelUsage;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.Presence;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.Tail;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A broker that does what another one does, where it isn't said otherwise. */
interface DelegatingBroker extends Broker {
  /** The other one. */
  Broker broker();

  @Override
  default CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    return broker().publish(channel, payload, idempotencyKey);
  }

  @Override
  default CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
    return broker().history(channel, since, limit);
  }

  @Override
  default Tail follow(String channel, Runnable onGrow) {
    return broker().follow(channel, onGrow);
  }

  @Override
  default Optional<Presence> presence() {
    return broker().presence();
  }

  @Override
  default boolean isAvailable() {
    return broker().isAvailable();
  }

  @Override
  default Optional<BrokerUsage> usage() {
    return broker().usage();
  }

  @Override
  default Optional<ChannelUsage> usage(String channel) {
    return broker().usage(channel);
  }

  @Override
  default List<String> channels(String prefix, String after, int limit) {
    return broker().channels(prefix, after, limit);
  }

  @Override
  default void close() {
    broker().close();
  }
}
