package dev.halley.server.hub;

import dev.halley.broker.Gap;
import dev.halley.broker.Publication;
import dev.halley.server.meter.Via;
import java.util.List;
import java.util.Optional;

/**
 * One stream on one connection, with a subscription for each of its channels. All methods are
 * called on the connection's event loop.
 */
public interface Subscriber {
  /** The form whose bytes it shares with others, or nothing if it encodes for itself. */
  Optional<WireForm> sharedForm();

  /**
   * Who it is, where that is known. When it becomes known later, the subscriber calls {@link
   * Subscription#userMayBeKnown}.
   */
  Optional<String> user();

  /** How its publications are counted. */
  Via via();

  /**
   * Whether there is room for more. When there is again after there was none, the subscriber calls
   * {@link Subscription#resume} from a task of its own, never from within a write.
   */
  boolean isWritable();

  /**
   * Where the bytes of its shared form go, while it is live. When that is another one, the
   * subscriber calls {@link Subscription#outletChanged}.
   */
  Outlet outlet();

  /**
   * Encodes and sends publications that this subscriber alone gets now.
   *
   * @return how many bytes that took
   */
  int writeOwn(Subscription subscription, List<Publication> publications);

  /** Tells of a gap. Closes the connection where the transport has no way to tell. */
  void writeGap(Subscription subscription, Gap gap);

  /** Closes the stream because it has fallen behind the log and the policy says so. */
  void closeOverflowed(Subscription subscription);

  /** Closes the stream because the broker failed. */
  void closeFailed(Throwable cause);

  /**
   * Ends the stream now, without a word: what was done for it threw, and a part of something may
   * have been sent. Must not throw.
   */
  void abort(Throwable cause);
}
