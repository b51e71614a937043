package dev.halley.websocket;

/**
 * How large a peer's data may be; more is answered with {@link CloseCode#MESSAGE_TOO_BIG} as soon
 * as a frame's header says so.
 *
 * @param frame payload bytes of one data frame
 * @param message payload bytes of all frames of one message
 */
public record MessageLimits(int frame, int message) {
  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if one of them is less than 1
   */
  public MessageLimits {
    if (Math.min(frame, message) < 1) {
      throw new IllegalArgumentException("A limit is at least 1 byte");
    }
  }
}
