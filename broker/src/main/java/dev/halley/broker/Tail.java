package dev.halley.broker;

import java.util.List;

/**
 * This node's newest publications of one channel. Any thread may read, without a lock; each
 * follower closes its own.
 */
public interface Tail extends AutoCloseable {
  /** The position of the newest publication, or where the first one will follow. */
  StreamPosition head();

  /**
   * Appends to {@code into} the publications that follow {@code after}, in order and without holes.
   *
   * @return false if the tail doesn't reach back to {@code after} (trimmed, another epoch, or
   *     beyond the head) and nothing was appended: {@link Broker#history} knows what became of them
   */
  boolean read(StreamPosition after, ReadLimit limit, List<Publication> into);

  /** Ends the calls to this follower. A second close does nothing. */
  @Override
  void close();
}
