package dev.halley.websocket;

/** Opcodes of frames (RFC 6455 section 5.2); all others are reserved. */
public final class Opcode {
  /** A further frame of the message that has begun. */
  public static final int CONTINUATION = 0;

  /** The first frame of a text message. */
  public static final int TEXT = 1;

  /** The first frame of a binary message. */
  public static final int BINARY = 2;

  /** Control: the last frame in its direction. */
  public static final int CLOSE = 8;

  /** Control: asks for a pong. */
  public static final int PING = 9;

  /** Control: answers a ping, or stands for itself. */
  public static final int PONG = 10;

  private Opcode() {}
}
