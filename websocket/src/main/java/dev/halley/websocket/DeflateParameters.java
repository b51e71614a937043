package dev.halley.websocket;

import java.util.List;
import java.util.Optional;

/**
 * The four parameters of permessage-deflate (RFC 7692 section 7.1): as an endpoint wants them, or
 * as two have agreed on them.
 *
 * <p>What a server wants is what it puts into each agreement, besides what the client asks for.
 * What a client wants is its offer: the first and the third are demands, the second and the fourth
 * say what it will do itself.
 *
 * <p>A sender without context takeover compresses each message for itself. So what a server sends
 * is the same for all its clients, and needs to be compressed once; and no connection needs a
 * deflater or an inflater of its own while it is idle.
 *
 * <p>{@code java.util.zip} always uses a window of 15 bits. Inflating, that reads every smaller
 * one. Deflating, a smaller window is kept to by forgetting all history each 2<sup>bits</sup>
 * bytes: so 8 to 14 are honoured exactly, at a somewhat worse ratio, and context takeover isn't
 * made use of.
 *
 * @param serverNoContextTakeover whether the server compresses each message for itself
 * @param clientNoContextTakeover whether the client compresses each message for itself
 * @param serverMaxWindowBits how far back the server's data may refer: 2<sup>bits</sup> bytes
 * @param clientMaxWindowBits how far back the client's data may refer: 2<sup>bits</sup> bytes
 */
public record DeflateParameters(
    boolean serverNoContextTakeover,
    boolean clientNoContextTakeover,
    int serverMaxWindowBits,
    int clientMaxWindowBits) {

  /** The least window, in bits. */
  public static final int MIN_WINDOW_BITS = 8;

  /** The largest window, in bits. */
  public static final int MAX_WINDOW_BITS = 15;

  /** Each message for itself, in both directions: what costs an idle connection nothing. */
  public static final DeflateParameters NO_CONTEXT_TAKEOVER =
      new DeflateParameters(true, true, MAX_WINDOW_BITS, MAX_WINDOW_BITS);

  /** What compresses best; costs each connection a deflater and an inflater in both directions. */
  public static final DeflateParameters CONTEXT_TAKEOVER =
      new DeflateParameters(false, false, MAX_WINDOW_BITS, MAX_WINDOW_BITS);

  /**
   * Checks the windows.
   *
   * @throws IllegalArgumentException if one of them isn't 8 to 15
   */
  public DeflateParameters {
    if (!isWindow(serverMaxWindowBits) || !isWindow(clientMaxWindowBits)) {
      throw new IllegalArgumentException("A window has 8 to 15 bits");
    }
  }

  /**
   * What a response agrees on, for who looks on: whether it may, {@link ClientHandshake} says.
   *
   * @param extensionLines the values of the response's Sec-WebSocket-Extensions
   * @return empty if permessage-deflate isn't among them
   */
  public static Optional<DeflateParameters> agreedIn(List<String> extensionLines) {
    return DeflateOffer.listed(extensionLines).stream().findFirst();
  }

  static boolean isWindow(int bits) {
    return bits >= MIN_WINDOW_BITS && bits <= MAX_WINDOW_BITS;
  }
}
