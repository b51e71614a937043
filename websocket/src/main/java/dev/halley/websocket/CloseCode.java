package dev.halley.websocket;

/** Close codes (RFC 6455 section 7.4.1 and the registry it founded). */
public final class CloseCode {
  /** The purpose of the connection is fulfilled. */
  public static final int NORMAL = 1000;

  /** The endpoint goes away: a server shuts down, a page is left. */
  public static final int GOING_AWAY = 1001;

  private CloseCode() {}
}
