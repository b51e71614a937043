package dev.halley.websocket;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;

/** What both sides of the opening handshake know (RFC 6455 sections 1.3 and 4). */
final class Handshake {
  static final String HOST = "Host";
  static final String UPGRADE = "Upgrade";
  static final String CONNECTION = "Connection";
  static final String KEY = "Sec-WebSocket-Key";
  static final String ACCEPT = "Sec-WebSocket-Accept";
  static final String VERSION = "Sec-WebSocket-Version";
  static final String PROTOCOL = "Sec-WebSocket-Protocol";
  static final String EXTENSIONS = "Sec-WebSocket-Extensions";

  static final String WEBSOCKET = "websocket";
  static final String SUPPORTED_VERSION = "13";
  static final int NONCE_LENGTH = 16;

  static final Header UPGRADE_WEBSOCKET = new Header(UPGRADE, WEBSOCKET);
  static final Header CONNECTION_UPGRADE = new Header(CONNECTION, UPGRADE);
  static final Header VERSION_13 = new Header(VERSION, SUPPORTED_VERSION);

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Handshake() {}

  /** What proves that the server has read the client's key as a WebSocket server does. */
  static String acceptFor(String key) {
    byte[] digest = sha1().digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
    return Base64.getEncoder().encodeToString(digest);
  }

  static boolean containsIgnoreCase(List<String> elements, String element) {
    return elements.stream().anyMatch(element::equalsIgnoreCase);
  }

  static boolean areUnique(List<String> elements) {
    return new HashSet<>(elements).size() == elements.size();
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-1", e);
    }
  }
}
