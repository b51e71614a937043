package dev.halley.server;

import dev.halley.websocket.DeflateParameters;
import java.util.List;
import java.util.Optional;

/** The ways to listen. */
enum Listening {
  POLL,
  LONG_POLL,
  SSE,
  /** With the objects of {@code halley.v1} as data. */
  SSE_OBJECTS,
  WEBSOCKET,
  HALLEY_V1,
  DEFLATED_WEBSOCKET,
  DEFLATED_HALLEY_V1,
  /** Whose client can't look far back, so that it shares its frames with nobody. */
  DEFLATED_IN_A_SMALL_WINDOW,
  /** WebSockets of HTTP/1.1 over TLS. */
  TLS_HALLEY_V1,
  HTTP2_POLL,
  HTTP2_LONG_POLL,
  HTTP2_SSE,
  HTTP2_SSE_OBJECTS,
  HTTP2_WEBSOCKET,
  HTTP2_DEFLATED_HALLEY_V1;

  static final List<DeflateParameters> DEFLATE = List.of(DeflateParameters.CONTEXT_TAKEOVER);
  private static final List<DeflateParameters> SMALL_WINDOW =
      List.of(new DeflateParameters(false, false, 9, 15));

  /**
   * Opens a listener; when this returns the server has fixed where it begins.
   *
   * @param since a cursor for all channels, or {@code earliest} or {@code latest}
   */
  Listener open(TestServer server, List<String> channels, String since) throws Exception {
    return switch (this) {
      case POLL -> new PollListener(server, channels, since, Optional.empty());
      case LONG_POLL -> new PollListener(server, channels, since, Optional.of(10));
      case SSE -> new EventStreamListener(server, channels, since, false);
      case TLS_HALLEY_V1 -> new HalleyV1Listener(server, channels, since, List.of());
      case HTTP2_POLL -> new PollListener(server, channels, since, Optional.empty());
      case HTTP2_LONG_POLL -> new PollListener(server, channels, since, Optional.of(10));
      case HTTP2_SSE -> new EventStreamListener(server, channels, since, false, true);
      case HTTP2_SSE_OBJECTS -> new EventStreamListener(server, channels, since, true, true);
      case HTTP2_WEBSOCKET -> new RawWebSocketListener(server, channels, since, List.of(), true);
      case HTTP2_DEFLATED_HALLEY_V1 -> new HalleyV1Listener(server, channels, since, DEFLATE, true);
      case SSE_OBJECTS -> new EventStreamListener(server, channels, since, true);
      case WEBSOCKET -> new RawWebSocketListener(server, channels, since, List.of());
      case HALLEY_V1 -> new HalleyV1Listener(server, channels, since, List.of());
      case DEFLATED_WEBSOCKET -> new RawWebSocketListener(server, channels, since, DEFLATE);
      case DEFLATED_HALLEY_V1 -> new HalleyV1Listener(server, channels, since, DEFLATE);
      case DEFLATED_IN_A_SMALL_WINDOW ->
          new HalleyV1Listener(server, channels, since, SMALL_WINDOW);
    };
  }

  Listener open(TestServer server, String channel, String since) throws Exception {
    return open(server, List.of(channel), since);
  }

  /** A server that can be listened to like that: the ones of HTTP/2 are over TLS. */
  ServerConfig config() {
    boolean tls = name().startsWith("HTTP2") || this == TLS_HALLEY_V1;
    return tls ? TestServer.config().withTls(new Tls.SelfSigned()) : TestServer.config();
  }

  /** Whether it is an event stream of bare payloads. */
  boolean hasLines() {
    return this == SSE || this == HTTP2_SSE;
  }

  /** A bare WebSocket tells payloads only, so its reader counts them, and can count one channel. */
  boolean tellsCursorOfManyChannels() {
    return this != WEBSOCKET && this != DEFLATED_WEBSOCKET && this != HTTP2_WEBSOCKET;
  }
}
