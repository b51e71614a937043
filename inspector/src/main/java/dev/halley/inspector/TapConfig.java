package dev.halley.inspector;

import java.net.InetSocketAddress;

/**
 * Where a tap listens and what it shows.
 *
 * @param listen where clients connect; port 0 is any
 * @param targetHost the server's name or address
 * @param targetPort the server's port
 * @param tls whether the server is spoken to over TLS
 * @param insecure whether any certificate will do
 * @param cut how many bytes of a payload or body are kept for display, at least 128
 * @param showSecrets whether credentials are shown and written as they are
 */
public record TapConfig(
    InetSocketAddress listen,
    String targetHost,
    int targetPort,
    boolean tls,
    boolean insecure,
    int cut,
    boolean showSecrets) {
  /** How many bytes of a payload or body are kept for display, unless something else is said. */
  public static final int DEFAULT_CUT = 4 << 10;
}
