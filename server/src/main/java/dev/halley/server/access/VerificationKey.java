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
import com.nimbusds.jose.jwk.KeyOperation;
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
   * One of a key set.
   *
   * @throws IllegalArgumentException with the reason, if it isn't for this: another kind, another
   *     algorithm, too weak, or for encryption
   */
  static VerificationKey of(JWK key) {
    require(
        key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE), "its use is not sig");
    require(
        key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY),
        "its key_ops have no verify"); // RFC 7517 section 4.3
    VerificationKey usable = of(publicKey(key));
    require(
        key.getAlgorithm() == null || key.getAlgorithm().equals(usable.algorithm),
        "its alg is not " + usable.algorithm);
    return new VerificationKey(
        Optional.ofNullable(key.getKeyID()), usable.algorithm, usable.verifier);
  }

  /** Whether a token that names one of them may mean the other. */
  boolean isNamedAs(VerificationKey other) {
    return id.equals(other.id) && algorithm.equals(other.algorithm);
  }

  private static PublicKey publicKey(JWK key) {
    try {
      return switch (key) {
        case RSAKey rsa -> {
          require(rsa.size() >= SMALLEST_RSA, "it has less than " + SMALLEST_RSA + " bits");
          yield rsa.toRSAPublicKey();
        }
        case ECKey ec -> {
          require(ec.getCurve().equals(Curve.P_256), "its crv is not P-256");
          yield ec.toECPublicKey();
        }
        case OctetKeyPair octets -> {
          require(octets.getCurve().equals(Curve.Ed25519), "its crv is not Ed25519");
          yield EdwardsVerifier.publicKey(octets.getDecodedX());
        }
        default -> throw new IllegalArgumentException("its kty is not RSA, EC or OKP");
      };
    } catch (JOSEException e) {
      throw new IllegalArgumentException("its numbers are no key", e);
    }
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
