package dev.halley.broker;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps the logs of channels and says what was appended. A reader keeps a cursor and nothing is
 * kept for it here. Safe for use by many threads. Names of channels are checked by the caller
 * ({@link ChannelNames}).
 *
 * <p>What a broker can't do now (full, out of reach) fails with {@link BrokerUnavailableException}:
 * thrown by {@link #follow}, the failure of the returned stage elsewhere.
 */
public interface Broker extends AutoCloseable {
  /**
   * Appends to a channel's log.
   *
   * @param idempotencyKey a retry with the same key within the broker's window appends nothing and
   *     brings the first one's position
   * @return the publication's position, once it is in the log
   */
  CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<String> idempotencyKey);

  /** Reads from a cursor. Never waits for new publications. */
  CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit);

  /**
   * Follows a channel.
   *
   * @param onGrow called after publications became readable, on the publisher's thread: it must
   *     return at once, must not call the broker, and may be called more often than there is
   *     something new
   */
  Tail follow(String channel, Runnable onGrow);

  /** Whether it can be used now; any thread, without waiting. */
  default boolean isAvailable() {
    return true;
  }

  /** How much it holds now, if it knows. */
  default Optional<BrokerUsage> usage() {
    return Optional.empty();
  }

  /** Lets go of all that the broker holds. */
  @Override
  void close();
}
