package dev.halley.cli;

import java.time.Duration;

/** Waits between two tries; tests shorten it. */
interface Pause {
  /** Returns after {@code duration}. */
  void sleep(Duration duration) throws InterruptedException;
}
