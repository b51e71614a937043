package dev.halley.loadgen;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Is told what happens on one connection, on the thread of its {@link LoadLoop}. */
interface ConnectionHandler {
  /** The handshake is done. */
  default void onOpen(LoadConnection connection) throws IOException {}

  /**
   * A message has come.
   *
   * @param payload readable until this returns
   */
  void onMessage(LoadConnection connection, ByteBuffer payload) throws IOException;

  /** It is over, though nobody asked for that. */
  void onLost(LoadConnection connection, String why);
}
