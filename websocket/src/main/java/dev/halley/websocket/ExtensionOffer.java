package dev.halley.websocket;

import java.util.List;
import java.util.Optional;

/**
 * An element of Sec-WebSocket-Extensions (RFC 6455 section 9.1).
 *
 * @param name of the extension
 * @param params in their order; a name may come twice, and what that means is the extension's
 */
record ExtensionOffer(String name, List<Param> params) {
  /**
   * A parameter of an extension.
   *
   * @param value unquoted, if there is one
   */
  record Param(String name, Optional<String> value) {}
}
