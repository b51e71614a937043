package dev.halley.websocket;

/** Close codes (RFC 6455 section 7.4.1 and the registry it founded). */
public final class CloseCode {
  /** The purpose of the connection is fulfilled. */
  public static final int NORMAL = 1000;

  /** The endpoint goes away: a server shuts down, a page is left. */
  public static final int GOING_AWAY = 1001;

  /** The peer broke a rule of the protocol. */
  public static final int PROTOCOL_ERROR = 1002;

  /** The peer sent a kind of data that this endpoint doesn't take. */
  public static final int UNSUPPORTED_DATA = 1003;

  /** Never sent: stands for a close frame without a code. */
  public static final int NO_STATUS = 1005;

  /** Never sent: stands for a connection that ended without a close frame. */
  public static final int ABNORMAL = 1006;

  /** The data of a message isn't what its type demands: text that isn't UTF-8. */
  public static final int INVALID_PAYLOAD = 1007;

  /** The message breaks this endpoint's policy and no other code says why. */
  public static final int POLICY_VIOLATION = 1008;

  /** The message is larger than this endpoint takes. */
  public static final int MESSAGE_TOO_BIG = 1009;

  /** The client misses an extension that the server didn't accept. */
  public static final int MANDATORY_EXTENSION = 1010;

  /** The server met a condition it had not expected. */
  public static final int INTERNAL_ERROR = 1011;

  /** The server restarts; a client may come back after a random delay. */
  public static final int SERVICE_RESTART = 1012;

  /** The server is overloaded; a client may come back later. */
  public static final int TRY_AGAIN_LATER = 1013;

  /** A gateway had an invalid answer from the server behind it. */
  public static final int BAD_GATEWAY = 1014;

  /** Never sent: stands for a TLS handshake that failed. */
  public static final int TLS_HANDSHAKE = 1015;

  private CloseCode() {}

  /**
   * Whether a close frame may carry this code: 1000 to 1003, 1007 to 1014, and 3000 to 4999, which
   * are for libraries and applications (RFC 6455 section 7.4.2).
   */
  public static boolean isValidOnWire(int code) {
    return (code >= NORMAL && code <= UNSUPPORTED_DATA)
        || (code >= INVALID_PAYLOAD && code <= BAD_GATEWAY)
        || (code >= 3000 && code <= 4999);
  }
}
