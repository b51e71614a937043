package dev.halley.server.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The two times that a server needs. Tokens, and what an application allows, end at a time of day:
 * a step of {@link #wall} brings that nearer or moves it away, which an open connection notices
 * when it next looks, at its heartbeat at the latest. Whatever lasts (how old a fetched key set, a
 * kept answer or a pause is) is measured by {@link #steady}, which nobody sets.
 *
 * @param wall the time of day
 * @param steady moments that are good for differences alone
 */
public record Clocks(InstantSource wall, InstantSource steady) {
  /** The machine's. */
  public static Clocks system() {
    Instant start = Instant.now();
    long startNanos = System.nanoTime();
    return new Clocks(
        InstantSource.system(), () -> start.plusNanos(System.nanoTime() - startNanos));
  }

  /** One for both, which isn't set. */
  public static Clocks of(InstantSource clock) {
    return new Clocks(clock, clock);
  }

  /** How long it is until a time of day, as a step of the clock from now on doesn't change it. */
  public Duration until(Instant timeOfDay) {
    return Duration.between(wall.instant(), timeOfDay);
  }
}
