package dev.halley.server.hook;

import dev.halley.server.HooksConfig;
import java.time.Instant;

/**
 * Whether it is of use to ask: after some failures in a row nobody is asked for a while, then one
 * question tries whether that is over. Its owner holds a lock.
 */
final class Circuit {
  private final HooksConfig.Circuit config;
  private int failures;
  private boolean open;
  private boolean trying;
  private Instant until = Instant.EPOCH;

  Circuit(HooksConfig.Circuit config) {
    this.config = config;
  }

  /** Whether a question may be asked now; if it may, its outcome must be told. */
  boolean permits(Instant now) {
    if (!open) {
      return true;
    }
    if (trying || now.isBefore(until)) {
      return false;
    }
    trying = true;
    return true;
  }

  /** A question has been answered; returns whether that closes the circuit. */
  boolean succeeded() {
    boolean closes = open;
    failures = 0;
    open = false;
    trying = false;
    return closes;
  }

  /** A question got no answer; returns whether that opens the circuit. */
  boolean failed(Instant now) {
    boolean opens = !open && ++failures >= config.failures();
    if (opens || trying) {
      open = true;
      trying = false;
      until = now.plus(config.pause());
    }
    return opens;
  }

  boolean isOpen() {
    return open;
  }
}
