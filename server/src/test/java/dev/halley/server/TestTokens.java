package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes JSON Web Tokens by hand, good ones and bad ones. */
public final class TestTokens {
  /** A secret that is long enough. */
  public static final String SECRET = "a secret of no less than thirty-two bytes";

  private TestTokens() {}

  /** What signs. */
  @FunctionalInterface
  public interface Signer {
    /** The signature of these bytes. */
    byte[] sign(byte[] bytes) throws GeneralSecurityException;
  }

  /** Claims of ann, who may use {@code room.*}, and {@code more} of them. */
  public static String claims(Instant expiry, String more) {
    return "{\"sub\":\"ann\",\"exp\":"
        + expiry.toEpochMilli() / 1_000.0
        + ",\"channels\":{\"subscribe\":[\"room.*\"],\"publish\":[\"room.42\"]}"
        + more
        + "}";
  }

  /** A good one of ann. */
  public static String good() {
    return good(Instant.now().plusSeconds(3_600));
  }

  /** A good one of ann, until then. */
  public static String good(Instant expiry) {
    return hs256(SECRET.getBytes(UTF_8), claims(expiry, ""));
  }

  /** Signed with such a secret. */
  public static String hs256(byte[] secret, String claims) {
    return make("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims, hmac(secret));
  }

  /** HMAC with SHA-256. */
  public static Signer hmac(byte[] secret) {
    return bytes -> {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(bytes);
    };
  }

  /** An asymmetric signature. */
  public static Signer signer(String algorithm, PrivateKey key) {
    return bytes -> {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(bytes);
      return signature.sign();
    };
  }

  /** A token with exactly this header. */
  public static String make(String header, String claims, Signer signer) {
    String input = encode(header.getBytes(UTF_8)) + "." + encode(claims.getBytes(UTF_8));
    try {
      return input + "." + encode(signer.sign(input.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** RSA of 2048 bits. */
  public static KeyPair rsa() {
    return generate("RSA", 2048);
  }

  /** RSA of so many bits. */
  public static KeyPair rsa(int bits) {
    return generate("RSA", bits);
  }

  /** A pair on a curve. */
  public static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** An Edwards curve's pair. */
  public static KeyPair edwards(String curve) {
    try {
      return KeyPairGenerator.getInstance(curve).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** As openssl writes it. */
  public static String pem(java.security.PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  /** Base64url without padding. */
  public static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static KeyPair generate(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
