package dev.halley.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How a server leaves its clients to others when it stops. How long all of it may take, after the
 * announcement, is {@link ServerConfig.Timing#drain}.
 *
 * @param announce how long it goes on to accept connections after {@code /health/ready} has begun
 *     to say 503, so that load balancers look elsewhere before a connection is refused; 0 is not at
 *     all
 * @param rate connections that are told to leave in one second: what the servers that they come
 *     back to can well take. More than can be told in half of the drain time at that rate are told
 *     faster
 */
public record Drain(Duration announce, int rate) {
  /** Checks the numbers. */
  public Drain {
    if (announce.isNegative()) {
      throw new IllegalArgumentException("drain.announce is not negative");
    }
    if (rate < 1) {
      throw new IllegalArgumentException("drain.rate is at least 1");
    }
  }

  /** No announcement, 500 connections a second. */
  public static Drain defaults() {
    return new Drain(Duration.ZERO, 500);
  }

  /**
   * The time within which each of so many connections is told to leave, at a moment of its own. The
   * other half of the drain time is left to them, to be gone.
   *
   * @param drainTime how long they may take together
   */
  public Duration spread(int connections, Duration drainTime) {
    Duration atRate = Duration.ofNanos(TimeUnit.SECONDS.toNanos(connections) / rate);
    Duration half = drainTime.dividedBy(2);
    return atRate.compareTo(half) < 0 ? atRate : half;
  }
}
