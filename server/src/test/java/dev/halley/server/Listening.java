package dev.halley.server;

import java.util.List;
import java.util.Optional;

/** The ways to listen. */
enum Listening {
  POLL,
  LONG_POLL,
  SSE,
  WEBSOCKET,
  HALLEY_V1;

  /**
   * Opens a listener; when this returns the server has fixed where it begins.
   *
   * @param since a cursor for all channels, or {@code earliest} or {@code latest}
   */
  Listener open(TestServer server, List<String> channels, String since) throws Exception {
    return switch (this) {
      case POLL -> new PollListener(server, channels, since, Optional.empty());
      case LONG_POLL -> new PollListener(server, channels, since, Optional.of(10));
      case SSE -> new EventStreamListener(server, channels, since);
      case WEBSOCKET -> new RawWebSocketListener(server, channels, since);
      case HALLEY_V1 -> new HalleyV1Listener(server, channels, since);
    };
  }

  Listener open(TestServer server, String channel, String since) throws Exception {
    return open(server, List.of(channel), since);
  }

  /** A bare WebSocket tells payloads only, so its reader counts them, and can count one channel. */
  boolean tellsCursorOfManyChannels() {
    return this != WEBSOCKET;
  }
}
