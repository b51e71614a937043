package dev.halley.server.hook;

import dev.halley.server.access.Grant;
import dev.halley.server.access.Refusal;
import java.time.Duration;
import java.util.Optional;

/**
 * What the application said.
 *
 * @param refusal its no, if it is one
 * @param grant what its yes brings
 * @param freshFor how long it may be used again for the same question; mostly 0
 */
record HookAnswer(Optional<Refusal> refusal, Grant grant, Duration freshFor) {
  /** Whether it may be used for another question than that which it was given to. */
  boolean isReusable() {
    return freshFor.isPositive();
  }
}
