package dev.halley.server;

import java.io.IOException;

/** One reader of one or more channels on one transport, driven by one thread. */
interface Listener extends AutoCloseable {
  /** Waits for what comes next; fails if nothing comes for {@link TestServer#PATIENCE}. */
  Received next() throws Exception;

  /** The cursor after what {@link #next} returned last: what to go on from, on any transport. */
  String cursor();

  @Override
  void close() throws IOException;
}
