package dev.halley.websocket.differential;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One end of an open connection, and what it makes of what it receives: {@code TEXT}, {@code
 * BINARY}, {@code PING} and {@code PONG} with the payload in hex, {@code CLOSE} with the code and
 * the reason in hex, {@code FAIL} with the close code that answers it, after which nothing comes.
 */
interface Reader {
  /** Payload bytes of one frame. */
  int FRAME_LIMIT = 70_000;

  /** Makes a reader of a server or a client. */
  interface Factory {
    Reader open(boolean server);
  }

  /** Takes what came, all of it. */
  void receive(ByteBuffer input);

  /** What has happened so far. */
  List<String> events();
}
