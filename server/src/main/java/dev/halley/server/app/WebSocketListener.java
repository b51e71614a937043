package dev.halley.server.app;

import java.nio.ByteBuffer;

/**
 * Is told what comes on one WebSocket, on the event loop of its connection: one call after the
 * other, and each must return at once. What a method throws is logged and closes the WebSocket with
 * 1011.
 */
public interface WebSocketListener {
  /** A text message has come, whole. */
  default void onText(String text) {}

  /**
   * A binary message has come, whole.
   *
   * @param data readable until this returns
   */
  default void onBinary(ByteBuffer data) {}

  /**
   * It is over; nothing more comes. Called once.
   *
   * @param code the peer's close code, which repeats ours if we closed first; 1005 if it gave none;
   *     1006 if the connection ended without any
   * @param reason the peer's reason, or empty
   */
  default void onClose(int code, String reason) {}
}
