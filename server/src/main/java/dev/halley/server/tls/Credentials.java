package dev.halley.server.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * What a server shows and what it proves it with.
 *
 * @param chain the server's certificate first
 */
record Credentials(List<X509Certificate> chain, PrivateKey key) {
  private static final byte[] PROBE = {1, 2, 3};

  /** SHA-256 of the server's certificate, as browsers and {@code openssl x509} write it. */
  String fingerprint() throws GeneralSecurityException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain.get(0).getEncoded());
    return HexFormat.ofDelimiter(":").formatHex(digest).toUpperCase(Locale.ROOT);
  }

  /** Whether the key is that of the server's certificate: half a renewal has two that aren't. */
  boolean match() throws GeneralSecurityException {
    PublicKey certified = chain.get(0).getPublicKey();
    Signature signature = Signature.getInstance(signature(certified.getAlgorithm()));
    try {
      signature.initSign(key);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (InvalidKeyException e) {
      return false;
    }
  }

  private static String signature(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> algorithm;
    };
  }
}
