package dev.halley.inspector.dissect;

import dev.halley.inspector.Direction;

/** Where the bytes of one conversation go on, secrets masked, as in a capture file. */
public interface Wire {
  /** Takes nothing. */
  Wire NONE =
      new Wire() {
        @Override
        public boolean isOpen() {
          return false;
        }

        @Override
        public void bytes(Direction direction, byte[] bytes, int length, long micros) {}

        @Override
        public void end(Direction direction, long micros) {}

        @Override
        public void broken(long micros) {}
      };

  /** Whether bytes are wanted at all. */
  boolean isOpen();

  /**
   * Bytes that passed.
   *
   * @param bytes from 0 to {@code length}, the caller's again after the call
   */
  void bytes(Direction direction, byte[] bytes, int length, long micros);

  /** No more bytes will pass that way. */
  void end(Direction direction, long micros);

  /** The connection was reset. */
  void broken(long micros);
}
