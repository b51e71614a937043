package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
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

  /** A good one of somebody, who may use {@code room.*}. */
  public static String of(String user) {
    return hs256(SECRET.getBytes(UTF_8), claims(user));
  }

  private static String claims(String user) {
    return claims(Instant.now().plusSeconds(3_600), "").replace("\"ann\"", '"' + user + '"');
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

  /** As a key set has it. */
  public static String jwk(String kid, KeyPair pair) {
    String begin = "{\"kid\":\"" + kid + "\",\"kty\":\"";
    return switch (pair.getPublic()) {
      case RSAPublicKey rsa ->
          begin
              + "RSA\",\"n\":\""
              + encode(unsigned(rsa.getModulus(), 0))
              + "\",\"e\":\""
              + encode(unsigned(rsa.getPublicExponent(), 0))
              + "\"}";
      case ECPublicKey ec -> {
        int bits = ec.getParams().getOrder().bitLength();
        yield begin
            + "EC\",\"crv\":\"P-"
            + bits
            + "\",\"x\":\""
            + encode(unsigned(ec.getW().getAffineX(), bits / 8))
            + "\",\"y\":\""
            + encode(unsigned(ec.getW().getAffineY(), bits / 8))
            + "\"}";
      }
      // The last 32 bytes of its SubjectPublicKeyInfo are the key (RFC 8410 section 4).
      case EdECPublicKey ed ->
          begin
              + "OKP\",\"crv\":\"Ed25519\",\"x\":\""
              + encode(Arrays.copyOfRange(ed.getEncoded(), 12, 44))
              + "\"}";
      default -> throw new AssertionError(pair.getPublic());
    };
  }

  /** A key set (RFC 7517 section 5). */
  public static String keySet(String... jwks) {
    return "{\"keys\":[" + String.join(",", jwks) + "]}";
  }

  private static byte[] unsigned(BigInteger number, int length) {
    byte[] signed = number.toByteArray();
    int from = signed[0] == 0 ? 1 : 0;
    int size = Math.max(signed.length - from, length);
    byte[] bytes = new byte[size];
    System.arraycopy(signed, from, bytes, size - (signed.length - from), signed.length - from);
    return bytes;
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
