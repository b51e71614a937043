package dev.halley.websocket;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The server's side of the opening handshake (RFC 6455 section 4.2, RFC 7692, RFC 8441). */
public final class ServerHandshake {
  private static final String HTTP_1_1 = "HTTP/1.1";
  private static final int KEY_LENGTH = 24;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int OK = 200;
  private static final int UPGRADE_REQUIRED = 426;

  private ServerHandshake() {}

  /** As the other, without permessage-deflate. */
  public static HandshakeOutcome accept(
      String method, String httpVersion, HeaderLookup headers, List<String> supportedSubprotocols) {
    return accept(method, httpVersion, headers, supportedSubprotocols, Optional.empty());
  }

  /**
   * Decides about a request in HTTP/1.1. Whether its path, origin and credentials are welcome is
   * the driver's matter.
   *
   * @param method of the request
   * @param httpVersion as in the request line: {@code HTTP/1.1}
   * @param headers of the request
   * @param supportedSubprotocols the server's, the one it likes best first
   * @param deflate how the server would use permessage-deflate, if it would; the first offer is
   *     taken that keeps to RFC 7692
   */
  public static HandshakeOutcome accept(
      String method,
      String httpVersion,
      HeaderLookup headers,
      List<String> supportedSubprotocols,
      Optional<DeflateParameters> deflate) {
    if (!httpVersion.equals(HTTP_1_1)) {
      return rejected(505, "An upgrade must be asked for in HTTP/1.1.");
    }
    if (!method.equals("GET")) {
      return rejected(405, "The method must be GET.", new Header("Allow", "GET"));
    }
    if (headers.all(Handshake.HOST).size() != 1) {
      return rejected(400, "Host must be there exactly once.");
    }
    Optional<List<String>> connection = HeaderValues.tokens(headers.all(Handshake.CONNECTION));
    Optional<List<String>> upgrade = HeaderValues.protocols(headers.all(Handshake.UPGRADE));
    if (connection.isEmpty() || upgrade.isEmpty()) {
      return rejected(400, "Connection and Upgrade must be lists of tokens.");
    }
    if (!Handshake.containsIgnoreCase(upgrade.get(), Handshake.WEBSOCKET)) {
      return upgradeRequired("Upgrade must contain websocket.");
    }
    if (!Handshake.containsIgnoreCase(connection.get(), Handshake.UPGRADE)) {
      return upgradeRequired("Connection must contain upgrade.");
    }
    return acceptUpgrade(headers, supportedSubprotocols, deflate);
  }

  /**
   * Decides about an extended CONNECT in HTTP/2 or HTTP/3 (RFC 8441 section 5, RFC 9220): without a
   * key and its accept, without Connection and Upgrade, and with 200 in place of 101.
   *
   * @param method the pseudo-header field {@code :method}
   * @param protocol the pseudo-header field {@code :protocol}
   * @param headers of the request
   * @param supportedSubprotocols the server's, the one it likes best first
   * @param deflate how the server would use permessage-deflate, if it would
   */
  public static HandshakeOutcome acceptConnect(
      String method,
      String protocol,
      HeaderLookup headers,
      List<String> supportedSubprotocols,
      Optional<DeflateParameters> deflate) {
    if (!method.equals("CONNECT")) {
      return rejected(405, "The method must be CONNECT.", new Header("Allow", "CONNECT"));
    }
    if (!protocol.equals(Handshake.WEBSOCKET)) {
      return rejected(501, "The protocol must be websocket.");
    }
    return rejectedVersion(headers, 400)
        .orElseGet(() -> negotiate(OK, List.of(), headers, supportedSubprotocols, deflate));
  }

  private static Optional<HandshakeOutcome> rejectedVersion(HeaderLookup headers, int status) {
    List<String> versions = headers.all(Handshake.VERSION);
    if (versions.size() != 1) {
      return Optional.of(rejected(400, "Sec-WebSocket-Version must be there exactly once."));
    }
    if (versions.getFirst().trim().equals(Handshake.SUPPORTED_VERSION)) {
      return Optional.empty();
    }
    String reason = "Sec-WebSocket-Version must be 13.";
    return Optional.of(
        status == UPGRADE_REQUIRED
            ? upgradeRequired(reason)
            : rejected(status, reason, Handshake.VERSION_13));
  }

  private static HandshakeOutcome acceptUpgrade(
      HeaderLookup headers, List<String> supported, Optional<DeflateParameters> deflate) {
    Optional<HandshakeOutcome> rejected = rejectedVersion(headers, UPGRADE_REQUIRED);
    if (rejected.isPresent()) {
      return rejected.get();
    }
    List<String> keys = headers.all(Handshake.KEY);
    if (keys.size() != 1) {
      return rejected(400, "Sec-WebSocket-Key must be there exactly once.");
    }
    String key = keys.getFirst().trim();
    if (!isKey(key)) {
      return rejected(400, "Sec-WebSocket-Key must be 16 bytes in Base64.");
    }
    List<Header> upgrade =
        List.of(
            Handshake.UPGRADE_WEBSOCKET,
            Handshake.CONNECTION_UPGRADE,
            new Header(Handshake.ACCEPT, Handshake.acceptFor(key)));
    return negotiate(SWITCHING_PROTOCOLS, upgrade, headers, supported, deflate);
  }

  private static HandshakeOutcome negotiate(
      int status,
      List<Header> upgrade,
      HeaderLookup headers,
      List<String> supported,
      Optional<DeflateParameters> wanted) {
    List<String> protocolLines = headers.all(Handshake.PROTOCOL);
    Optional<List<String>> offered = HeaderValues.tokens(protocolLines);
    if (offered.isEmpty() || lacksElements(protocolLines, offered.get())) {
      return rejected(400, "Sec-WebSocket-Protocol must be a list of tokens.");
    }
    if (!Handshake.areUnique(offered.get())) {
      return rejected(400, "The elements of Sec-WebSocket-Protocol must be unique.");
    }
    List<String> extensionLines = headers.all(Handshake.EXTENSIONS);
    Optional<List<ExtensionOffer>> extensions = HeaderValues.extensions(extensionLines);
    if (extensions.isEmpty() || lacksElements(extensionLines, extensions.get())) {
      return rejected(400, "Sec-WebSocket-Extensions must be a list of extensions.");
    }
    Optional<String> subprotocol = supported.stream().filter(offered.get()::contains).findFirst();
    Optional<DeflateOffer> offer =
        wanted.isEmpty()
            ? Optional.empty()
            : extensions.get().stream().flatMap(it -> DeflateOffer.parse(it).stream()).findFirst();
    List<Header> response = new ArrayList<>(upgrade);
    subprotocol.ifPresent(chosen -> response.add(new Header(Handshake.PROTOCOL, chosen)));
    Optional<DeflateParameters> agreed = offer.map(it -> it.agreeOn(wanted.get()));
    agreed.ifPresent(
        parameters ->
            response.add(
                new Header(Handshake.EXTENSIONS, offer.get().answer(parameters).toString())));
    return new HandshakeOutcome.Accepted(status, subprotocol, agreed, response);
  }

  private static HandshakeOutcome upgradeRequired(String reason) {
    return rejected(
        UPGRADE_REQUIRED,
        reason,
        Handshake.UPGRADE_WEBSOCKET,
        Handshake.CONNECTION_UPGRADE,
        Handshake.VERSION_13);
  }

  private static HandshakeOutcome rejected(int status, String reason, Header... headers) {
    return new HandshakeOutcome.Rejected(status, reason, List.of(headers));
  }

  /** A field that is there has at least one element (RFC 6455 section 4.3). */
  private static boolean lacksElements(List<String> lines, List<?> elements) {
    return !lines.isEmpty() && elements.isEmpty();
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == KEY_LENGTH
          && Base64.getDecoder().decode(key).length == Handshake.NONCE_LENGTH;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
