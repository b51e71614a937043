package dev.halley.cli;

import java.time.Duration;

/** Waits; tests don't. */
interface Pause {
  /** Returns after {@code duration}. */
  void sleep(Duration duration) throws InterruptedException;
}
