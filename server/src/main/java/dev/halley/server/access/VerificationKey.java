package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;

/**
 * What a signature is checked with. The algorithm is the key's, never the token's to choose.
 *
 * @param algorithm the only one that it is for
 * @param verifier for any thread
 */
record VerificationKey(JWSAlgorithm algorithm, JWSVerifier verifier) {
  static VerificationKey of(String secret) {
    try {
      return new VerificationKey(JWSAlgorithm.HS256, new MACVerifier(secret.getBytes(UTF_8)));
    } catch (JOSEException e) {
      throw new IllegalArgumentException("that is no JWT secret", e);
    }
  }

  static VerificationKey of(PublicKey key) {
    try {
      return switch (key) {
        case RSAPublicKey rsa -> new VerificationKey(JWSAlgorithm.RS256, new RSASSAVerifier(rsa));
        case ECPublicKey ec -> new VerificationKey(JWSAlgorithm.ES256, new ECDSAVerifier(ec));
        case EdECPublicKey ed -> new VerificationKey(JWSAlgorithm.EdDSA, new EdwardsVerifier(ed));
        default -> throw new IllegalArgumentException("that is no key for tokens");
      };
    } catch (JOSEException e) {
      throw new IllegalArgumentException("that is no key for tokens", e);
    }
  }
}
