package dev.halley.server.access;

import java.util.Optional;

/**
 * Why somebody may not do something; other credentials would help.
 *
 * @param error what RFC 6750 section 3.1 calls it; nothing where there were no credentials
 * @param rule what would have to be the case; for people, without anything secret
 */
public record Refusal(Optional<String> error, String rule) {
  /** The status that says so. */
  public static final int STATUS = 401;

  /** There are no credentials, and some are needed. */
  public static Refusal anonymous(String rule) {
    return new Refusal(Optional.empty(), rule);
  }

  /** What was presented doesn't count. */
  static Refusal invalid(String rule) {
    return new Refusal(Optional.of("invalid_token"), rule);
  }
}
