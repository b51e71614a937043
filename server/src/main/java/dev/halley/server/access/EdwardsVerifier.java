package dev.halley.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Set;

/** Ed25519 (RFC 8037 section 3.1) by the JDK's own means; Nimbus' verifier needs Tink. */
final class EdwardsVerifier implements JWSVerifier {
  private static final String ED25519 = "Ed25519";
  private static final int KEY_LENGTH = 32;

  private final EdECPublicKey key;
  private final JCAContext context = new JCAContext();

  EdwardsVerifier(EdECPublicKey key) {
    this.key = key;
  }

  /** The key whose 32 bytes are {@code encoded} (RFC 8032 section 5.1.5). */
  static PublicKey publicKey(byte[] encoded) throws JOSEException {
    if (encoded.length != KEY_LENGTH) {
      throw new JOSEException("An Ed25519 key has 32 bytes");
    }
    byte[] bigEndian = new byte[KEY_LENGTH];
    for (int i = 0; i < KEY_LENGTH; i++) {
      bigEndian[i] = encoded[KEY_LENGTH - 1 - i];
    }
    boolean xIsOdd = bigEndian[0] < 0;
    bigEndian[0] &= 0x7f;
    EdECPoint point = new EdECPoint(xIsOdd, new BigInteger(1, bigEndian));
    try {
      return KeyFactory.getInstance(ED25519)
          .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    } catch (GeneralSecurityException e) {
      throw new JOSEException("That is no Ed25519 key", e);
    }
  }

  @Override
  public boolean verify(JWSHeader header, byte[] signingInput, Base64URL signature)
      throws JOSEException {
    try {
      Signature verifier = Signature.getInstance(ED25519);
      verifier.initVerify(key);
      verifier.update(signingInput);
      return verifier.verify(signature.decode());
    } catch (SignatureException e) {
      return false; // it hasn't the form of one
    } catch (InvalidKeyException e) {
      throw new JOSEException("That is no Ed25519 key", e);
    } catch (GeneralSecurityException e) {
      throw new JOSEException("This JDK lacks Ed25519", e);
    }
  }

  @Override
  public Set<JWSAlgorithm> supportedJWSAlgorithms() {
    return Set.of(JWSAlgorithm.EdDSA);
  }

  @Override
  public JCAContext getJCAContext() {
    return context;
  }
}
