package dev.halley.server.arrival;

import dev.halley.server.connection.OutputWatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether something that has begun to arrive goes on. It may stand still for a time; each byte that
 * comes gives a little of that time back, and never more than was there at the begin. So a slow
 * client is waited for as long as it sends so many bytes a second, and nothing is granted for bytes
 * that were only announced. Where memory for what arrives is short, whoever holds some has to go on
 * faster. Used by one thread.
 */
public final class Pace {
  /** At least so many bytes must come in a second, on the whole. */
  public static final int BYTES_PER_SECOND = OutputWatch.SLOWEST_BYTES_PER_SECOND;

  /** The same where memory is short. */
  public static final int BYTES_PER_SECOND_WHEN_SHORT = 16 << 10;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final long mostNanos;
  private long credit;
  private long creditWhenShort;
  private long updated;

  /**
   * At the begin.
   *
   * @param mostNanos how long it may stand still
   * @param now as all times here in nanoseconds of one clock
   */
  public Pace(long mostNanos, long now) {
    this.mostNanos = mostNanos;
    this.credit = mostNanos;
    this.creditWhenShort = mostNanos;
    this.updated = now;
  }

  /** So many bytes have come. */
  public void arrived(long bytes, long now) {
    credit = grown(left(now, false), bytes, BYTES_PER_SECOND);
    creditWhenShort = grown(left(now, true), bytes, BYTES_PER_SECOND_WHEN_SHORT);
    updated = now;
  }

  /** What came too late has come: it was this server, perhaps, that was busy. */
  private long grown(long left, long bytes, int perSecond) {
    return Math.min(mostNanos, Math.max(0, left) + bytes * (SECOND / perSecond));
  }

  /**
   * How long it may still stand still; nothing or less if it has been too slow.
   *
   * @param isShort whether memory is
   */
  public long left(long now, boolean isShort) {
    return (isShort ? creditWhenShort : credit) - (now - updated);
  }
}
