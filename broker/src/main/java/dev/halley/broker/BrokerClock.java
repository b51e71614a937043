package dev.halley.broker;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The two times that a broker needs. Whatever lasts (ages, windows, leases) is measured by {@link
 * #millis}, which nobody sets; {@link #wallMillis} is for people to read, and a step of it changes
 * nothing else.
 *
 * @param wall the time of day
 * @param nanoTime as {@link System#nanoTime}
 */
record BrokerClock(InstantSource wall, LongSupplier nanoTime) {
  /** The machine's. */
  static BrokerClock system() {
    return new BrokerClock(InstantSource.system(), System::nanoTime);
  }

  /** Only differences say something. */
  long millis() {
    return Math.floorDiv(nanoTime.getAsLong(), TimeUnit.MILLISECONDS.toNanos(1));
  }

  /** Since 1970. */
  long wallMillis() {
    return wall.millis();
  }
}
