package dev.halley.websocket;

/**
 * What bounds the memory of all connections together: a connection asks it before it holds more of
 * messages that it can't deliver yet. A single message is bounded by {@link MessageLimits} already.
 */
@FunctionalInterface
public interface MessageMemory {
  /** Allows everything. */
  MessageMemory UNBOUNDED = bytes -> true;

  /**
   * Asks for memory, or gives some of it back. Where it says no, the connection fails with {@link
   * Rule#MEMORY}. A driver takes all of it back when a message has been delivered, and when the
   * connection is over: then nothing is held any more.
   *
   * @param bytes that the connection is going to hold in all, a moment's copies included
   * @return whether it may; it may always hold less than before
   */
  boolean mayHold(long bytes);
}
