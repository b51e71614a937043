package dev.halley.websocket;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The server's side of the opening handshake (RFC 6455 section 4.2). */
public final class ServerHandshake {
  private static final String HTTP_1_1 = "HTTP/1.1";
  private static final int KEY_LENGTH = 24;

  private ServerHandshake() {}

  /**
   * Decides about a request. Whether its path, origin and credentials are welcome is the driver's
   * matter.
   *
   * @param method of the request
   * @param httpVersion as in the request line: {@code HTTP/1.1}
   * @param headers of the request
   * @param supportedSubprotocols the server's, the one it likes best first
   */
  public static HandshakeOutcome accept(
      String method, String httpVersion, HeaderLookup headers, List<String> supportedSubprotocols) {
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
    return acceptUpgrade(headers, supportedSubprotocols);
  }

  private static HandshakeOutcome acceptUpgrade(HeaderLookup headers, List<String> supported) {
    List<String> versions = headers.all(Handshake.VERSION);
    if (versions.size() != 1) {
      return rejected(400, "Sec-WebSocket-Version must be there exactly once.");
    }
    if (!versions.getFirst().trim().equals(Handshake.SUPPORTED_VERSION)) {
      return upgradeRequired("Sec-WebSocket-Version must be 13.");
    }
    List<String> keys = headers.all(Handshake.KEY);
    if (keys.size() != 1) {
      return rejected(400, "Sec-WebSocket-Key must be there exactly once.");
    }
    String key = keys.getFirst().trim();
    if (!isKey(key)) {
      return rejected(400, "Sec-WebSocket-Key must be 16 bytes in Base64.");
    }
    return negotiate(key, headers, supported);
  }

  private static HandshakeOutcome negotiate(
      String key, HeaderLookup headers, List<String> supported) {
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
    // An extension would be chosen from these offers here; none is known yet.
    Optional<String> subprotocol = supported.stream().filter(offered.get()::contains).findFirst();
    return accepted(key, subprotocol);
  }

  private static HandshakeOutcome accepted(String key, Optional<String> subprotocol) {
    List<Header> headers = new ArrayList<>();
    headers.add(Handshake.UPGRADE_WEBSOCKET);
    headers.add(Handshake.CONNECTION_UPGRADE);
    headers.add(new Header(Handshake.ACCEPT, Handshake.acceptFor(key)));
    subprotocol.ifPresent(chosen -> headers.add(new Header(Handshake.PROTOCOL, chosen)));
    return new HandshakeOutcome.Accepted(subprotocol, headers);
  }

  private static HandshakeOutcome upgradeRequired(String reason) {
    return rejected(
        426,
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
