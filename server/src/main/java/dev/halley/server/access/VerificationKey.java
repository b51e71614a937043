package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/**
 * What a signature is checked with. The algorithm is the key's, never the token's to choose.
 *
 * @param id what a key set calls it
 * @param algorithm the only one that it is for
 * @param verifier for any thread
 */
record VerificationKey(Optional<String> id, JWSAlgorithm algorithm, JWSVerifier verifier) {
  private static final int SMALLEST_RSA = 2048;

  static VerificationKey of(String secret) {
    try {
      return new VerificationKey(
          Optional.empty(), JWSAlgorithm.HS256, new MACVerifier(secret.getBytes(UTF_8)));
    } catch (JOSEException e) {
      throw new IllegalArgumentException("that is no JWT secret", e);
    }
  }

  static VerificationKey of(PublicKey key) {
    try {
      return switch (key) {
        case RSAPublicKey rsa ->
            new VerificationKey(Optional.empty(), JWSAlgorithm.RS256, new RSASSAVerifier(rsa));
        case ECPublicKey ec ->
            new VerificationKey(Optional.empty(), JWSAlgorithm.ES256, new ECDSAVerifier(ec));
        case EdECPublicKey ed ->
            new VerificationKey(Optional.empty(), JWSAlgorithm.EdDSA, new EdwardsVerifier(ed));
        default -> throw new IllegalArgumentException("that is no key for tokens");
      };
    } catch (JOSEException e) {
      throw new IllegalArgumentException("that is no key for tokens", e);
    }
  }

  /**
   * One of a key set, or nothing if it isn't for this: another kind, another algorithm, too weak,
   * or for encryption. A secret in a set that is published is none.
   */
  static Optional<VerificationKey> of(JWK key) {
    if (key.getKeyUse() != null && !key.getKeyUse().equals(KeyUse.SIGNATURE)) {
      return Optional.empty();
    }
    try {
      return publicKey(key)
          .map(VerificationKey::of)
          .filter(it -> key.getAlgorithm() == null || key.getAlgorithm().equals(it.algorithm))
          .map(
              it ->
                  new VerificationKey(
                      Optional.ofNullable(key.getKeyID()), it.algorithm, it.verifier));
    } catch (JOSEException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<PublicKey> publicKey(JWK key) throws JOSEException {
    if (key instanceof RSAKey rsa && rsa.size() >= SMALLEST_RSA) {
      return Optional.of(rsa.toRSAPublicKey());
    }
    if (key instanceof ECKey ec && ec.getCurve().equals(Curve.P_256)) {
      return Optional.of(ec.toECPublicKey());
    }
    if (key instanceof OctetKeyPair octets && octets.getCurve().equals(Curve.Ed25519)) {
      return Optional.of(EdwardsVerifier.publicKey(octets.getDecodedX()));
    }
    return Optional.empty();
  }
}
