package dev.halley.server.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys (RFC 7468). What is wrong with one is an {@link IOException}. */
final class PemFiles {
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (PRIVATE KEY|RSA PRIVATE KEY|EC PRIVATE KEY|ENCRYPTED PRIVATE KEY)-----"
              + "([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
  private static final byte[] RSA =
      Der.element(
          Der.SEQUENCE, Der.objectIdentifier("1.2.840.113549.1.1.1"), Der.element(Der.NULL));
  private static final long LARGEST = 1 << 20;

  private PemFiles() {}

  static Credentials read(Path certificate, Path key) throws IOException {
    Credentials credentials = new Credentials(chain(certificate), key(key));
    try {
      if (!credentials.match()) {
        throw new IOException(key + " is not the key of the certificate in " + certificate);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("can't use " + key + ": " + e.getMessage(), e);
    }
    return credentials;
  }

  private static List<X509Certificate> chain(Path file) throws IOException {
    byte[] bytes = bytes(file);
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))) {
        chain.add((X509Certificate) certificate);
      }
    } catch (CertificateException e) {
      throw new IOException(file + " has no readable certificate: " + e.getMessage(), e);
    }
    if (chain.isEmpty()) {
      throw new IOException(file + " has no certificate: it begins with BEGIN CERTIFICATE");
    }
    return chain;
  }

  private static PrivateKey key(Path file) throws IOException {
    String text = new String(bytes(file), ISO_8859_1);
    Matcher pem = KEY.matcher(text);
    if (!pem.find() || text.contains("Proc-Type: 4,ENCRYPTED")) {
      throw new IOException(file + " has no private key that isn't encrypted");
    }
    byte[] pkcs8;
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(pem.group(2));
      pkcs8 =
          switch (pem.group(1)) {
            case "PRIVATE KEY" -> encoded;
            case "RSA PRIVATE KEY" -> wrap(RSA, encoded);
            case "EC PRIVATE KEY" -> wrap(curve(encoded), encoded);
            default ->
                throw new IOException(
                    file + " is encrypted: decrypt it with openssl pkcs8 -in … -out …");
          };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(file + " has no readable private key", e);
    }
    return parse(file, pkcs8);
  }

  private static PrivateKey parse(Path file, byte[] pkcs8) throws IOException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // Then it is another one's.
      } catch (GeneralSecurityException e) {
        throw new IOException("this JDK has no " + algorithm, e);
      }
    }
    throw new IOException(file + " is a key of none of the kinds " + ALGORITHMS);
  }

  /** PKCS #1 and SEC 1 keys as PKCS #8, which says what they are (RFC 5208). */
  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return Der.element(
        Der.SEQUENCE, Der.integer(BigInteger.ZERO), algorithm, Der.element(Der.OCTET_STRING, key));
  }

  /** The curve that a SEC 1 key (RFC 5915) names behind its version and its number. */
  private static byte[] curve(byte[] key) {
    int at = (key[1] & 0x80) == 0 ? 2 : 2 + (key[1] & 0x7f);
    at += 2 + key[at + 1]; // the version
    at += 2 + key[at + 1]; // the number, of at most 66 bytes
    int length = key[at + 1];
    if (key[at] != (byte) Der.CONTEXT_0) {
      throw new IllegalArgumentException("A SEC 1 key names its curve");
    }
    byte[] name = new byte[length];
    System.arraycopy(key, at + 2, name, 0, length);
    return Der.element(Der.SEQUENCE, Der.objectIdentifier("1.2.840.10045.2.1"), name);
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new IOException(file + " is larger than a certificate or a key");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new IOException("this user may not read " + file, e);
    }
  }
}
