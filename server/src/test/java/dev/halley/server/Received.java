package dev.halley.server;

import java.util.Base64;

/** What a listener is told, whatever the transport. */
sealed interface Received {
  /** A text or JSON publication. */
  record Text(String text) implements Received {}

  /** A binary publication, in Base64 so that it compares and prints. */
  record Binary(String base64) implements Received {}

  /** Publications that are lost. */
  record Gap(String channel, String from, String to) implements Received {}

  static Binary binary(byte[] bytes) {
    return new Binary(Base64.getEncoder().encodeToString(bytes));
  }
}
