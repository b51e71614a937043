package dev.halley.server;

import java.nio.file.Path;

/** Whether the server speaks TLS, and where its certificate comes from. */
public sealed interface Tls {
  /** It doesn't: for this machine, and behind a proxy that does. */
  record Off() implements Tls {}

  /**
   * A certificate from files, which are read again when they change.
   *
   * @param certificate PEM: the server's certificate, then those that lead to its root
   * @param key PEM: the private key (PKCS #8, PKCS #1 or SEC 1), not encrypted
   */
  record Files(Path certificate, Path key) implements Tls {}

  /** A certificate that is made at each start, and that nobody trusts: for trying out. */
  record SelfSigned() implements Tls {}
}
