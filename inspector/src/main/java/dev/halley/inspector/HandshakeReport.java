package dev.halley.inspector;

import dev.halley.websocket.DeflateParameters;
import java.util.List;
import java.util.Optional;

/**
 * An opening handshake, worked out (RFC 6455 sections 1.3 and 4).
 *
 * @param key that the client sent
 * @param digest SHA-1 of key and GUID, in hexadecimal
 * @param expected the digest in Base64
 * @param accept what the server sent
 * @param offeredProtocols of the client
 * @param protocol that the server chose
 * @param offeredExtensions as the client sent them
 * @param extensions as the server sent them
 * @param deflate what was agreed on, if frames may be compressed
 * @param breaches what either side did wrong
 */
public record HandshakeReport(
    String key,
    String digest,
    String expected,
    String accept,
    String offeredProtocols,
    String protocol,
    String offeredExtensions,
    String extensions,
    Optional<DeflateParameters> deflate,
    List<Breach> breaches) {
  /** What every server puts behind the key. */
  public static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /** Whether the server's accept belongs to the key. */
  public boolean isAcceptRight() {
    return accept.equals(expected);
  }
}
