package dev.halley.server.transport;

/** Close codes of our own (RFC 6455 section 7.4.2: 4000 to 4999 are for private use). */
public final class HalleyCloseCode {
  /**
   * A WebSocket without subprotocol has lost publications, and has no other way to be told. The
   * reason is {@code gap <channel> <from> <to>}; reading goes on after {@code to}.
   */
  public static final int GAP = 4100;

  /** What came on {@code halley.v1} is no command. The reason is the rule. */
  public static final int BAD_COMMAND = 4400;

  /** The token has expired, or there is none and one is needed. The reason says which. */
  public static final int UNAUTHORIZED = 4401;

  /** The token is good, and doesn't allow what was sent. */
  public static final int FORBIDDEN = 4403;

  private HalleyCloseCode() {}
}
