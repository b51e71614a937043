package dev.halley.server;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A public key in a text (RFC 7468 section 13). */
final class PublicKeyFile {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");
  private static final int SMALLEST_RSA = 2048;
  private static final int P_256 = 256;

  private PublicKeyFile() {}

  static PublicKey parse(String text) {
    if (text.contains("PRIVATE KEY-----")) {
      throw new IllegalArgumentException(
          "a server needs the public key only: openssl pkey -in FILE -pubout makes it");
    }
    Matcher matcher = KEY.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("there is no -----BEGIN PUBLIC KEY----- in it");
    }
    X509EncodedKeySpec spec =
        new X509EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
    return Stream.of("RSA", "EC", "Ed25519")
        .flatMap(kind -> decode(kind, spec).stream())
        .findFirst()
        .map(PublicKeyFile::requireStrong)
        .orElseThrow(() -> new IllegalArgumentException("it is no RSA, EC or Ed25519 key"));
  }

  private static Optional<PublicKey> decode(String kind, X509EncodedKeySpec spec) {
    try {
      return Optional.of(KeyFactory.getInstance(kind).generatePublic(spec));
    } catch (GeneralSecurityException e) {
      return Optional.empty(); // it is of another kind, perhaps
    }
  }

  /** RFC 7518 sections 3.3 and 3.4, RFC 8037 section 3.1. */
  private static PublicKey requireStrong(PublicKey key) {
    boolean strong =
        switch (key) {
          case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= SMALLEST_RSA;
          case ECPublicKey ec -> ec.getParams().getOrder().bitLength() == P_256;
          case EdECPublicKey ed ->
              ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName());
          default -> false;
        };
    if (!strong) {
      throw new IllegalArgumentException(
          "a key is RSA of at least 2048 bits, EC on the curve P-256, or Ed25519");
    }
    return key;
  }
}
