package dev.halley.server.access;

import com.nimbusds.jose.JWSHeader;

/** Where the key for a token comes from. For any thread. */
@FunctionalInterface
interface KeySource {
  /**
   * The key that a token with this header must be signed with.
   *
   * @throws RefusedException if there is none
   * @throws KeysPendingException if that isn't known yet
   */
  VerificationKey find(JWSHeader header);

  /** One key for all tokens, whatever they call it. */
  static KeySource fixed(VerificationKey key) {
    return header -> key;
  }
}
