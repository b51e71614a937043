package dev.halley.broker;

import java.util.List;
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
   *     brings the first one's position; with another payload it fails with {@link
   *     IdempotencyConflictException}
   * @return the publication's position, once it is in the log
   */
  CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey);

  /** Appends to a channel's log what nobody will send again. */
  default CompletionStage<StreamPosition> publish(String channel, Payload payload) {
    return publish(channel, payload, Optional.empty());
  }

  /**
   * Reads from a cursor. Never waits for new publications, and leaves nothing behind where there is
   * no log: what is published later follows the position that this returned.
   */
  CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit);

  /**
   * Follows a channel.
   *
   * @param onGrow called after publications became readable, on the publisher's thread: it must
   *     return at once, must not call the broker, and may be called more often than there is
   *     something new
   */
  Tail follow(String channel, Runnable onGrow);

  /** Who is present where, if it keeps that. Always the same object. */
  default Optional<Presence> presence() {
    return Optional.empty();
  }

  /** Whether it can be used now; any thread, without waiting. */
  default boolean isAvailable() {
    return true;
  }

  /** How much it holds now, if it knows. */
  default Optional<BrokerUsage> usage() {
    return Optional.empty();
  }

  /**
   * How much it holds of one channel, if it knows; this neither makes a log nor keeps one. Any
   * thread, without waiting.
   */
  default Optional<ChannelUsage> usage(String channel) {
    return Optional.empty();
  }

  /**
   * Some of the channels that have a log, in the order of their names, if it knows. Any thread,
   * without waiting.
   *
   * @param prefix how their names begin
   * @param after they come after this one
   * @param limit at most so many, the first ones
   */
  default List<String> channels(String prefix, String after, int limit) {
    return List.of();
  }

  /** Lets go of all that the broker holds. */
  @Override
  void close();
}
