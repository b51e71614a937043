package dev.halley.server.tls;

import dev.halley.server.Failures;
import dev.halley.server.ServerMetrics;
import dev.halley.server.Tls;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The certificate that new connections are shown. Files are looked at once a second; a pair that
 * can't be used, as one half of a renewal is, changes nothing and is said in the log.
 */
public final class Certificates implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Certificates.class.getName());
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** In TLS 1.2 only what is fresh (ECDHE) and authenticated (AEAD); 1.3 has nothing else. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** What connections get until the files change. */
  private record Current(SslContext context, String fingerprint) {}

  private volatile Current current;
  private Optional<Thread> watcher = Optional.empty();

  private Certificates(Current first) {
    current = first;
  }

  /** A certificate of {@code host} that is made now. */
  public static Certificates selfSigned(String host) throws IOException {
    try {
      return new Certificates(use(SelfSigned.create(host, Instant.now())));
    } catch (GeneralSecurityException e) {
      throw new IOException("can't make a certificate: " + e.getMessage(), e);
    }
  }

  /**
   * Reads files now and whenever they have changed.
   *
   * @param metrics count how often a changed pair was taken, and how often it couldn't be used
   * @throws IOException with what is wrong with them
   */
  public static Certificates watching(Tls.Files files, ServerMetrics metrics) throws IOException {
    // Looked at before they are read: what changes meanwhile is found the next time.
    Versions first = Versions.of(files);
    Certificates certificates = new Certificates(read(files));
    certificates.watcher =
        Optional.of(
            Thread.ofPlatform()
                .daemon()
                .name("halley-tls-watch")
                .start(() -> certificates.watch(files, first, metrics)));
    return certificates;
  }

  /** How to greet the next connection. Any thread may ask. */
  public SslContext context() {
    return current.context();
  }

  /** SHA-256 of the certificate that is shown now. */
  public String fingerprint() {
    return current.fingerprint();
  }

  /** Looks at the files no more. */
  @Override
  public void close() {
    watcher.ifPresent(Thread::interrupt);
  }

  private void watch(Tls.Files files, Versions first, ServerMetrics metrics) {
    Versions seen = first;
    try {
      while (true) {
        Thread.sleep(PERIOD);
        seen = look(files, seen, metrics);
      }
    } catch (InterruptedException e) {
      // The server stops.
    }
  }

  /** Whatever goes wrong, the thread goes on; what couldn't be looked at is the next time. */
  private Versions look(Tls.Files files, Versions seen, ServerMetrics metrics) {
    try {
      Versions now = Versions.of(files);
      if (!now.equals(seen)) {
        reload(files, metrics);
      }
      return now;
    } catch (Throwable e) {
      metrics.failures().contain(Failures.Place.CREDENTIALS, e);
      return seen;
    }
  }

  private void reload(Tls.Files files, ServerMetrics metrics) throws IOException {
    try {
      current = read(files);
      metrics.tlsReloads().increment();
      LOGGER.log(Level.INFO, "The certificate in {0} is used from now on", files.certificate());
    } catch (IOException e) {
      metrics.tlsReloadFailures().increment();
      if (isOfTheSystem(e)) {
        throw e;
      }
      LOGGER.log(
          Level.WARNING,
          "The certificate has changed and can''t be used, the one before stays: {0}",
          e.getMessage());
    }
  }

  /** There is no descriptor left, for instance: nothing is wrong with the file. */
  private static boolean isOfTheSystem(IOException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getClass() == FileSystemException.class;
  }

  private static Current read(Tls.Files files) throws IOException {
    return use(PemFiles.read(files.certificate(), files.key()));
  }

  private static Current use(Credentials credentials) throws IOException {
    try {
      SslContext context =
          SslContextBuilder.forServer(credentials.key(), credentials.chain())
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      Protocol.ALPN,
                      SelectorFailureBehavior.NO_ADVERTISE,
                      SelectedListenerFailureBehavior.ACCEPT,
                      ApplicationProtocolNames.HTTP_2,
                      ApplicationProtocolNames.HTTP_1_1))
              .build();
      return new Current(context, credentials.fingerprint());
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("can't use the certificate: " + e.getMessage(), e);
    }
  }

  /** What a pair of files was when it was looked at; equal if nobody has touched them. */
  private record Versions(List<Object> certificate, List<Object> key) {
    static Versions of(Tls.Files files) {
      return new Versions(version(files.certificate()), version(files.key()));
    }

    /** A renewal replaces the file, or what the link leads to, as in Kubernetes. */
    private static List<Object> version(Path file) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return List.of(now.lastModifiedTime(), now.size(), String.valueOf(now.fileKey()));
      } catch (IOException e) {
        return List.of();
      }
    }
  }
}
