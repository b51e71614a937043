package dev.halley.server;

/**
 * The bounds whose crossing the server counts, each by the name of the setting that moves it. What
 * a policy bounds differently counts for the setting of the same name.
 */
public enum Limit {
  /** Connections open at the same time. */
  CONNECTIONS("limits.connections"),
  /** Of them, those of one address. */
  CONNECTIONS_PER_ADDRESS("limits.connections-per-address"),
  /** Streams of one user, and requests of his that are under way. */
  CONNECTIONS_PER_USER("limits.connections-per-user"),
  /** Request line and header fields. */
  REQUEST_HEAD("limits.request-head"),
  /**
   * One publication, or one message of an application's WebSocket; a command has twice as much and
   * 64 KiB.
   */
  PAYLOAD("limits.payload"),
  /** One request's body; all bodies and answers of one connection of HTTP/2. */
  REQUEST_BODY("limits.request-body"),
  /** What has arrived and isn't done with, of all connections. */
  ARRIVING_BYTES("limits.arriving-bytes"),
  /** Of it, what one address sent. */
  ARRIVING_BYTES_PER_ADDRESS("limits.arriving-bytes-per-address"),
  /** Publications of one batch. */
  BATCH_ENTRIES("limits.batch-entries"),
  /** Arrays and objects within each other. */
  JSON_DEPTH("limits.json-depth"),
  /** Digits of a number. */
  JSON_NUMBER("limits.json-number"),
  /** The name of a property. */
  JSON_NAME("limits.json-name"),
  /** One message of the echo endpoint. */
  ECHO_MESSAGE("limits.echo-message"),
  /** Channels of one request or connection. */
  CHANNELS_PER_CONNECTION("limits.channels-per-connection"),
  /** Publications in one answer to a poll. */
  POLL_PUBLICATIONS("limits.poll-publications"),
  /** Bytes in one answer to a poll. */
  POLL_BYTES("limits.poll-bytes"),
  /** Long polls that wait. */
  PARKED_POLLS("limits.parked-polls"),
  /** Memory of connections and listeners. */
  LISTENING_BYTES("limits.listening-bytes"),
  /** Requests that wait for an earlier one's answer. */
  PIPELINED_REQUESTS("limits.pipelined-requests"),
  /** Requests of one address. */
  REQUESTS_PER_ADDRESS("rates.requests-per-address"),
  /** Publications of one address. */
  PUBLICATIONS_PER_ADDRESS("rates.publications-per-address"),
  /** Publications of one user. */
  PUBLICATIONS_PER_USER("rates.publications-per-user"),
  /** Publications on one channel, as its policy has it. */
  RATE_PER_CHANNEL("rate.per-channel"),
  /** Publications of one WebSocket, as the channel's policy has it. */
  RATE_PER_CONNECTION("rate.per-connection"),
  /** How long a request, or a handshake before it, takes to arrive. */
  HANDSHAKE_TIMEOUT("handshake-timeout"),
  /** How long a connection idles between two requests. */
  KEEP_ALIVE_TIMEOUT("keep-alive-timeout"),
  /** How long a poll is held. */
  MAX_WAIT("max-wait"),
  /** How long nothing comes from a WebSocket. */
  SILENCE_TIMEOUT("silence-timeout"),
  /** How long connections take to leave a server that stops. */
  DRAIN_TIMEOUT("drain-timeout"),
  /** Streams of one connection of HTTP/2. */
  HTTP2_STREAMS("http2.streams"),
  /** Frames of HTTP/2 that mean nothing. */
  HTTP2_CONTROL_FRAMES("http2.control-frames");

  private final String key;

  Limit(String key) {
    this.key = key;
  }

  /** The name of the setting. */
  public String key() {
    return key;
  }
}
