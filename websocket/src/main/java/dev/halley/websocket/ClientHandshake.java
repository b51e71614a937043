package dev.halley.websocket;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The client's side of one opening handshake (RFC 6455 section 4.1, RFC 7692, RFC 8441). */
public final class ClientHandshake {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int OK = 200;

  private final String key;
  private final List<String> subprotocols;
  private final List<DeflateParameters> deflateOffers;

  private ClientHandshake(
      String key, List<String> subprotocols, List<DeflateParameters> deflateOffers) {
    this.key = key;
    this.subprotocols = subprotocols;
    this.deflateOffers = deflateOffers;
  }

  /** What a server's response means. */
  public sealed interface Outcome {
    /**
     * The connection is a WebSocket from the response's last byte on.
     *
     * @param subprotocol the one that the server chose, if any
     * @param deflate what was agreed on, if the connection uses permessage-deflate
     */
    record Established(Optional<String> subprotocol, Optional<DeflateParameters> deflate)
        implements Outcome {}

    /**
     * There is no WebSocket, and the connection is to be closed.
     *
     * @param rule that the response broke
     */
    record Failed(String rule) implements Outcome {}
  }

  /** As the other, without permessage-deflate. */
  public static ClientHandshake create(RandomGenerator random, List<String> subprotocols) {
    return create(random, subprotocols, List.of());
  }

  /**
   * Prepares one handshake.
   *
   * @param random for the nonce, which should differ from handshake to handshake
   * @param subprotocols to be offered, the one it likes best first
   * @param deflateOffers how permessage-deflate may be used, what it likes best first, the others
   *     for servers that decline that
   * @throws IllegalArgumentException if a subprotocol is no token or comes twice
   */
  public static ClientHandshake create(
      RandomGenerator random, List<String> subprotocols, List<DeflateParameters> deflateOffers) {
    if (!subprotocols.stream().allMatch(HeaderValues::isToken)
        || !Handshake.areUnique(subprotocols)) {
      throw new IllegalArgumentException("Subprotocols are tokens, and each is there once");
    }
    byte[] nonce = new byte[Handshake.NONCE_LENGTH];
    random.nextBytes(nonce);
    return new ClientHandshake(
        Base64.getEncoder().encodeToString(nonce),
        List.copyOf(subprotocols),
        List.copyOf(deflateOffers));
  }

  /**
   * One whose request was sent by somebody else: so who looks on can {@link #verify} the response
   * to it. What the request has wrong, {@link ServerHandshake} says; here it offers nothing.
   *
   * @param requestHeaders as they were sent
   */
  public static ClientHandshake ofRequest(HeaderLookup requestHeaders) {
    String key = requestHeaders.all(Handshake.KEY).stream().findFirst().orElse("").trim();
    List<String> subprotocols =
        HeaderValues.tokens(requestHeaders.all(Handshake.PROTOCOL)).orElse(List.of());
    return new ClientHandshake(
        key, subprotocols, DeflateOffer.listed(requestHeaders.all(Handshake.EXTENSIONS)));
  }

  /** The fields that the request, a GET in HTTP/1.1, has besides Host and the caller's own. */
  public List<Header> headers() {
    List<Header> headers = new ArrayList<>();
    headers.add(Handshake.UPGRADE_WEBSOCKET);
    headers.add(Handshake.CONNECTION_UPGRADE);
    headers.add(new Header(Handshake.KEY, key));
    headers.addAll(connectHeaders());
    return List.copyOf(headers);
  }

  /**
   * The fields that an extended CONNECT in HTTP/2 or HTTP/3 has besides its pseudo-header fields,
   * of which {@code :protocol} is {@code websocket} (RFC 8441 section 5), and the caller's own.
   */
  public List<Header> connectHeaders() {
    List<Header> headers = new ArrayList<>();
    headers.add(Handshake.VERSION_13);
    if (!subprotocols.isEmpty()) {
      headers.add(new Header(Handshake.PROTOCOL, String.join(", ", subprotocols)));
    }
    if (!deflateOffers.isEmpty()) {
      String offers =
          deflateOffers.stream()
              .map(offer -> DeflateOffer.of(offer).toString())
              .collect(Collectors.joining(", "));
      headers.add(new Header(Handshake.EXTENSIONS, offers));
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
    return verifyChoices(responseHeaders);
  }

  /**
   * Checks the response to an extended CONNECT.
   *
   * @param status the pseudo-header field {@code :status}
   * @param responseHeaders of the response
   */
  public Outcome verifyConnect(int status, HeaderLookup responseHeaders) {
    return status == OK
        ? verifyChoices(responseHeaders)
        : new Outcome.Failed("The status must be 200.");
  }

  private Outcome verifyChoices(HeaderLookup responseHeaders) {
    Optional<String> subprotocol = Optional.empty();
    List<String> protocolLines = responseHeaders.all(Handshake.PROTOCOL);
    if (!protocolLines.isEmpty()) {
      subprotocol =
          subprotocols.stream().filter(it -> isOnly(protocolLines, it::equals)).findFirst();
      if (subprotocol.isEmpty()) {
        return new Outcome.Failed("Only a subprotocol that was offered may be chosen.");
      }
    }
    Optional<DeflateParameters> deflate = Optional.empty();
    List<String> extensionLines = responseHeaders.all(Handshake.EXTENSIONS);
    if (!extensionLines.isEmpty()) {
      deflate = agreedOn(HeaderValues.extensions(extensionLines).orElse(List.of()));
      if (deflate.isEmpty()) {
        return new Outcome.Failed("Only an extension that was offered may be accepted.");
      }
    }
    return new Outcome.Established(subprotocol, deflate);
  }

  private Optional<DeflateParameters> agreedOn(List<ExtensionOffer> accepted) {
    return accepted.size() != 1
        ? Optional.empty()
        : DeflateOffer.parse(accepted.getFirst())
            .flatMap(
                answer ->
                    deflateOffers.stream()
                        .flatMap(offer -> answer.asAnswerTo(offer).stream())
                        .findFirst());
  }

  private static boolean isOnly(List<String> lines, Predicate<String> expected) {
    return lines.size() == 1 && expected.test(lines.getFirst().trim());
  }
}
