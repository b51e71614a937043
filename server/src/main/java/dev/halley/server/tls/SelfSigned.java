package dev.halley.server.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a certificate that signs itself (RFC 5280), for trying out. The JDK reads certificates but
 * makes none, and a library that does is ten times as large as this server.
 */
final class SelfSigned {
  private static final Duration LIFE = Duration.ofDays(90);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] ECDSA_WITH_SHA256 =
      Der.element(Der.SEQUENCE, Der.objectIdentifier("1.2.840.10045.4.3.2"));
  private static final byte[] TRUE = {(byte) 0xff};

  /** Kinds of a GeneralName (RFC 5280 section 4.2.1.6), context-specific. */
  private static final int DNS_NAME = 0x82;

  private static final int IP_ADDRESS = 0x87;

  private SelfSigned() {}

  /**
   * A certificate for this machine's own names and the one that it listens on.
   *
   * @throws GeneralSecurityException if this JDK has no elliptic curves
   */
  static Credentials create(String host, Instant now) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    byte[] toSign =
        Der.element(
            Der.SEQUENCE,
            Der.element(Der.CONTEXT_0, Der.integer(BigInteger.TWO)), // version 3
            Der.integer(new BigInteger(127, new SecureRandom()).setBit(126)),
            ECDSA_WITH_SHA256,
            name(),
            Der.element(Der.SEQUENCE, time(now.minus(Duration.ofHours(1))), time(now.plus(LIFE))),
            name(),
            pair.getPublic().getEncoded(),
            Der.element(Der.CONTEXT_0 | 3, Der.element(Der.SEQUENCE, extensions(host))));
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(pair.getPrivate());
    signer.update(toSign);
    byte[] signed =
        Der.element(Der.SEQUENCE, toSign, ECDSA_WITH_SHA256, Der.bitString(signer.sign()));
    X509Certificate certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(signed));
    return new Credentials(List.of(certificate), pair.getPrivate());
  }

  private static byte[] name() {
    byte[] attribute =
        Der.element(
            Der.SEQUENCE,
            Der.objectIdentifier("2.5.4.3"),
            Der.element(Der.UTF8_STRING, "Halley, self-signed".getBytes(UTF_8)));
    return Der.element(Der.SEQUENCE, Der.element(Der.SET, attribute));
  }

  private static byte[] time(Instant instant) {
    return Der.element(Der.GENERALIZED_TIME, TIME.format(instant).getBytes(UTF_8));
  }

  private static byte[][] extensions(String host) {
    byte[] notAnAuthority = Der.element(Der.SEQUENCE);
    byte[] digitalSignature = Der.element(Der.BIT_STRING, new byte[] {7, (byte) 0x80});
    byte[] serverAuthentication =
        Der.element(Der.SEQUENCE, Der.objectIdentifier("1.3.6.1.5.5.7.3.1"));
    byte[] names = Der.element(Der.SEQUENCE, names(host).toArray(new byte[0][]));
    return new byte[][] {
      extension("2.5.29.19", true, notAnAuthority),
      extension("2.5.29.15", true, digitalSignature),
      extension("2.5.29.37", false, serverAuthentication),
      extension("2.5.29.17", false, names)
    };
  }

  private static byte[] extension(String identifier, boolean critical, byte[] value) {
    byte[] content = Der.element(Der.OCTET_STRING, value);
    return critical
        ? Der.element(
            Der.SEQUENCE, Der.objectIdentifier(identifier), Der.element(Der.BOOLEAN, TRUE), content)
        : Der.element(Der.SEQUENCE, Der.objectIdentifier(identifier), content);
  }

  private static List<byte[]> names(String host) {
    Set<String> hosts = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1", host));
    List<byte[]> names = new ArrayList<>();
    for (String name : hosts) {
      boolean literal = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
      try {
        names.add(
            literal
                ? Der.element(IP_ADDRESS, InetAddress.getByName(name).getAddress())
                : Der.element(DNS_NAME, name.getBytes(UTF_8)));
      } catch (UnknownHostException e) {
        // What isn't an address isn't listened on either: binding says so.
      }
    }
    return names;
  }
}
