package dev.halley.server.hub;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.BrokerUsage;
import dev.halley.broker.ChannelUsage;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyConflictException;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.Presence;
import dev.halley.broker.Present;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.Tail;
import dev.halley.server.Failures;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A broker as its contract has it, whatever the one behind it does: what throws where a stage is to
 * be returned, or returns none, is a stage that has failed. So whoever asked is always told.
 */
final class ContainedBroker implements Broker {
  private final Broker broker;
  private final Failures failures;
  private final Optional<Presence> presence;

  ContainedBroker(Broker broker, Failures failures) {
    this.broker = broker;
    this.failures = failures;
    this.presence = broker.presence().map(ContainedPresence::new);
  }

  @Override
  public CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    try {
      return required(broker.publish(channel, payload, idempotencyKey));
    } catch (Throwable e) {
      return failed(e);
    }
  }

  @Override
  public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
    try {
      return required(broker.history(channel, since, limit));
    } catch (Throwable e) {
      return failed(e);
    }
  }

  @Override
  public Tail follow(String channel, Runnable onGrow) {
    return Objects.requireNonNull(broker.follow(channel, onGrow), "a tail");
  }

  @Override
  public Optional<Presence> presence() {
    return presence;
  }

  @Override
  public boolean isAvailable() {
    return broker.isAvailable();
  }

  @Override
  public Optional<BrokerUsage> usage() {
    return broker.usage();
  }

  @Override
  public Optional<ChannelUsage> usage(String channel) {
    return broker.usage(channel);
  }

  @Override
  public List<String> channels(String prefix, String after, int limit) {
    return broker.channels(prefix, after, limit);
  }

  @Override
  public void close() {
    broker.close();
  }

  private <T> CompletionStage<T> required(@Nullable CompletionStage<T> stage) {
    Objects.requireNonNull(stage, "a stage");
    if (stage instanceof CompletableFuture<T> future && future.isDone()) {
      if (future.isCompletedExceptionally()) {
        note(failureOf(future));
      }
    } else {
      stage.whenComplete(
          (value, cause) -> {
            if (cause != null) {
              note(cause);
            }
          });
    }
    return stage;
  }

  private static Throwable failureOf(CompletableFuture<?> future) {
    return future.isCancelled() ? new CancellationException() : future.exceptionNow();
  }

  private <T> CompletionStage<T> failed(Throwable cause) {
    note(cause);
    return CompletableFuture.failedFuture(cause);
  }

  /**
   * That it can't do something now, or that a key is another publication's, is what a broker may
   * say; all else is a failure.
   */
  private void note(Throwable cause) {
    Throwable known =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    if (!(known instanceof BrokerUnavailableException
        || known instanceof IdempotencyConflictException)) {
      failures.contain(Failures.Place.BROKER, known);
    }
  }

  private final class ContainedPresence implements Presence {
    private final Presence presence;

    ContainedPresence(Presence presence) {
      this.presence = presence;
    }

    @Override
    public CompletionStage<Boolean> renew(
        String channel, String user, String holder, Duration lease) {
      try {
        return required(presence.renew(channel, user, holder, lease));
      } catch (Throwable e) {
        return failed(e);
      }
    }

    @Override
    public CompletionStage<Void> release(
        String channel, String user, String holder, Duration after) {
      try {
        return required(presence.release(channel, user, holder, after));
      } catch (Throwable e) {
        return failed(e);
      }
    }

    @Override
    public CompletionStage<Void> count(
        String channel, String holder, int anonymous, Duration lease) {
      try {
        return required(presence.count(channel, holder, anonymous, lease));
      } catch (Throwable e) {
        return failed(e);
      }
    }

    @Override
    public CompletionStage<Present> present(String channel) {
      try {
        return required(presence.present(channel));
      } catch (Throwable e) {
        return failed(e);
      }
    }

    @Override
    public void forEachChannel(ObjIntConsumer<String> each) {
      presence.forEachChannel(each);
    }
  }
}
