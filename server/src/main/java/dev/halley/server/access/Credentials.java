package dev.halley.server.access;

import java.util.Optional;

/**
 * What a request has brought to say who makes it.
 *
 * @param bearer of {@code Authorization: Bearer …}
 * @param token of {@code ?token=} or of the cookie
 * @param inUrl whether the token stands in the URL, which is written down in many places: such a
 *     token is for listening only
 */
public record Credentials(Optional<String> bearer, Optional<String> token, boolean inUrl) {
  /** With a token that doesn't stand in the URL, if there is one. */
  public Credentials(Optional<String> bearer, Optional<String> token) {
    this(bearer, token, false);
  }

  /** They are secret. */
  @Override
  public String toString() {
    return "Credentials[masked]";
  }
}
