package dev.halley.websocket;

import java.util.List;
import java.util.Optional;

/** What a server answers to a handshake (RFC 6455 section 4.2.2). */
public sealed interface HandshakeOutcome {
  /**
   * From the response's last byte on, the connection or the stream is a WebSocket.
   *
   * @param status 101, or 200 to an extended CONNECT
   * @param subprotocol the one that was chosen, if any
   * @param deflate what was agreed on, if the connection uses permessage-deflate
   * @param headers fields of the response
   */
  record Accepted(
      int status,
      Optional<String> subprotocol,
      Optional<DeflateParameters> deflate,
      List<Header> headers)
      implements HandshakeOutcome {
    /** Takes a copy of the list. */
    public Accepted {
      headers = List.copyOf(headers);
    }
  }

  /**
   * An HTTP error; the connection stays HTTP.
   *
   * @param status of HTTP
   * @param reason the rule that the request broke, good as the response's body
   * @param headers fields of the response
   */
  record Rejected(int status, String reason, List<Header> headers) implements HandshakeOutcome {
    /** Takes a copy of the list. */
    public Rejected {
      headers = List.copyOf(headers);
    }
  }
}
