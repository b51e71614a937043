package dev.halley.server;

import java.io.IOException;
import java.io.InputStream;

/** Bytes to a server and back, on a connection of their own or on a stream of one. */
interface Wire extends AutoCloseable {
  void send(byte[] bytes) throws IOException;

  InputStream input();

  /** Whether the server ends it without a further byte; resets are ends too. */
  boolean ends() throws IOException;

  /** Takes away the limit to how long the server may be silent. */
  void waitForEver() throws IOException;

  @Override
  void close() throws IOException;
}
