package dev.halley.broker;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Names the lives of logs without remembering any channel: an epoch follows from the broker, the
 * channel, and a number that moves on when a log with publications is forgotten. So a channel
 * without a log has a position as well, {@code epoch:0}, and the log that is made later begins
 * there: a reader that was told of it gets what is published afterwards, and no gap. A log that
 * nothing was published to may go and come back; no offset of its epoch was used.
 *
 * <p>Channels share those numbers, by a hash of their names. So a reader of nothing may be told of
 * a gap because another channel's log was forgotten; but nobody who has lost something isn't told.
 * For use by many threads.
 */
final class Epochs {
  /** 256 KiB, and one of so many readers without a log is told of what another channel lost. */
  private static final int NUMBERS = 1 << 16;

  private final long seed;
  private final AtomicIntegerArray lives = new AtomicIntegerArray(NUMBERS);

  /**
   * @param seed 64 random bits, so that no other broker's epochs are the same
   */
  Epochs(long seed) {
    this.seed = seed;
  }

  /** Where a channel without a log is, and its next log begins. */
  StreamPosition start(String channel) {
    long hash = hash(channel);
    long life = lives.get(number(hash));
    // For one channel another life is always another number: both steps are one to one.
    long epoch = mix(hash + life * 0x9e3779b97f4a7c15L);
    // With the highest bit set it always has 13 digits.
    return new StreamPosition(
        Long.toUnsignedString(epoch | Long.MIN_VALUE, Character.MAX_RADIX), 0);
  }

  /**
   * A log with publications is being forgotten. Called before anybody can see that it is gone, so
   * that nobody begins another one where it began.
   */
  void end(String channel) {
    lives.incrementAndGet(number(hash(channel)));
  }

  private long hash(String channel) {
    long hash = seed;
    for (int i = 0; i < channel.length(); i++) {
      hash = (hash ^ channel.charAt(i)) * 0x100000001b3L;
      hash ^= hash >>> 29;
    }
    return mix(hash);
  }

  private static int number(long hash) {
    return (int) (hash >>> 32) & (NUMBERS - 1);
  }

  /** One to one (the finisher of MurmurHash3). */
  private static long mix(long word) {
    long z = (word ^ (word >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }
}
