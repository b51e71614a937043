package dev.halley.server.access;

import java.util.Optional;

/**
 * What a request has brought to say who makes it.
 *
 * @param bearer of {@code Authorization: Bearer …}
 * @param token of {@code ?token=} or of the cookie
 */
public record Credentials(Optional<String> bearer, Optional<String> token) {
  /** They are secret. */
  @Override
  public String toString() {
    return "Credentials[masked]";
  }
}
