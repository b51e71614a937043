package dev.halley.websocket;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** The client's side of one opening handshake (RFC 6455 section 4.1). */
public final class ClientHandshake {
  private static final int SWITCHING_PROTOCOLS = 101;

  private final String key;
  private final List<String> subprotocols;

  private ClientHandshake(String key, List<String> subprotocols) {
    this.key = key;
    this.subprotocols = subprotocols;
  }

  /** What a server's response means. */
  public sealed interface Outcome {
    /**
     * The connection is a WebSocket from the response's last byte on.
     *
     * @param subprotocol the one that the server chose, if any
     */
    record Established(Optional<String> subprotocol) implements Outcome {}

    /**
     * There is no WebSocket, and the connection is to be closed.
     *
     * @param rule that the response broke
     */
    record Failed(String rule) implements Outcome {}
  }

  /**
   * Prepares one handshake.
   *
   * @param random for the nonce, which should differ from handshake to handshake
   * @param subprotocols to be offered, the one it likes best first
   * @throws IllegalArgumentException if a subprotocol is no token or comes twice
   */
  public static ClientHandshake create(RandomGenerator random, List<String> subprotocols) {
    if (!subprotocols.stream().allMatch(HeaderValues::isToken)
        || !Handshake.areUnique(subprotocols)) {
      throw new IllegalArgumentException("Subprotocols are tokens, and each is there once");
    }
    byte[] nonce = new byte[Handshake.NONCE_LENGTH];
    random.nextBytes(nonce);
    return new ClientHandshake(
        Base64.getEncoder().encodeToString(nonce), List.copyOf(subprotocols));
  }

  /** The fields that the request, a GET in HTTP/1.1, has besides Host. */
  public List<Header> headers() {
    List<Header> headers = new ArrayList<>();
    headers.add(Handshake.UPGRADE_WEBSOCKET);
    headers.add(Handshake.CONNECTION_UPGRADE);
    headers.add(new Header(Handshake.KEY, key));
    headers.add(Handshake.VERSION_13);
    if (!subprotocols.isEmpty()) {
      headers.add(new Header(Handshake.PROTOCOL, String.join(", ", subprotocols)));
    }
    return List.copyOf(headers);
  }

  /**
   * Checks the response.
   *
   * @param status of HTTP
   * @param responseHeaders of the response
   */
  public Outcome verify(int status, HeaderLookup responseHeaders) {
    if (status != SWITCHING_PROTOCOLS) {
      return new Outcome.Failed("The status must be 101.");
    }
    if (!isOnly(responseHeaders.all(Handshake.UPGRADE), Handshake.WEBSOCKET::equalsIgnoreCase)) {
      return new Outcome.Failed("Upgrade must be websocket.");
    }
    List<String> connection =
        HeaderValues.tokens(responseHeaders.all(Handshake.CONNECTION)).orElse(List.of());
    if (!Handshake.containsIgnoreCase(connection, Handshake.UPGRADE)) {
      return new Outcome.Failed("Connection must contain upgrade.");
    }
    if (!isOnly(responseHeaders.all(Handshake.ACCEPT), Handshake.acceptFor(key)::equals)) {
      return new Outcome.Failed("Sec-WebSocket-Accept must belong to the key that was sent.");
    }
    // The extensions that were offered would be compared here; none is, yet.
    if (!responseHeaders.all(Handshake.EXTENSIONS).isEmpty()) {
      return new Outcome.Failed("Only an extension that was offered may be accepted.");
    }
    return verifySubprotocol(responseHeaders.all(Handshake.PROTOCOL));
  }

  private Outcome verifySubprotocol(List<String> lines) {
    if (lines.isEmpty()) {
      return new Outcome.Established(Optional.empty());
    }
    return subprotocols.stream()
        .filter(offered -> isOnly(lines, offered::equals))
        .findFirst()
        .<Outcome>map(chosen -> new Outcome.Established(Optional.of(chosen)))
        .orElseGet(() -> new Outcome.Failed("Only a subprotocol that was offered may be chosen."));
  }

  private static boolean isOnly(List<String> lines, Predicate<String> expected) {
    return lines.size() == 1 && expected.test(lines.getFirst().trim());
  }
}
