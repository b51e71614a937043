package dev.halley.server;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * A broker that neither publishes nor says anything of its history before it is open.
 *
 * @param broker that does it then
 * @param asked has a permit for each time that it was asked
 */
record HeldBroker(Broker broker, Semaphore asked, CompletableFuture<Void> open)
    implements DelegatingBroker {
  @Override
  public CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    asked.release();
    return open.thenCompose(it -> broker.publish(channel, payload, idempotencyKey));
  }

  @Override
  public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
    asked.release();
    return open.thenCompose(it -> broker.history(channel, since, limit));
  }
}
