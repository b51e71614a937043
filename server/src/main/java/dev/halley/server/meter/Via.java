package dev.halley.server.meter;

import java.util.Locale;

/** What a connection is used for, and how publications are delivered: the label of metrics. */
public enum Via {
  /** Requests and their answers. */
  HTTP,
  /** A poll that is answered at once. */
  POLL,
  /** A poll that may wait. */
  LONG_POLL,
  /** Server-Sent Events. */
  SSE,
  /** A WebSocket with bare payloads. */
  WEBSOCKET,
  /** A WebSocket with the subprotocol {@code halley.v1}. */
  HALLEY_V1,
  /** A WebSocket of the echo endpoint. */
  ECHO,
  /** A WebSocket of the application. */
  APPLICATION;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Its name in metrics, as {@code long_poll}. */
  public String label() {
    return label;
  }
}
