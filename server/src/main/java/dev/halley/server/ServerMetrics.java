package dev.halley.server;

import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the server has counted since its start of what is rare: what was refused, failed or gave up.
 * Safe for use by many threads. What is frequent is counted by each event loop for itself.
 */
public final class ServerMetrics {
  private final Map<String, LongAdder> counters = new LinkedHashMap<>();
  private final Map<Limit, LongAdder> limits = new EnumMap<>(Limit.class);
  private final LongAdder connectionsAccepted = counter("connections_accepted");
  private final LongAdder connectionsRefused = counter("connections_refused");
  private final LongAdder connectionErrors = counter("connection_errors");
  private final LongAdder proxyHeaderFailures = counter("proxy_header_failures");
  private final LongAdder tlsFailures = counter("tls_failures");
  private final LongAdder tlsReloads = counter("tls_reloads");
  private final LongAdder tlsReloadFailures = counter("tls_reload_failures");
  private final LongAdder http2Connections = counter("http2_connections");
  private final LongAdder http2WebSockets = counter("http2_websockets");
  private final LongAdder http2Errors = counter("http2_errors");
  private final LongAdder http2Floods = counter("http2_floods");
  private final LongAdder requests = counter("requests");
  private final LongAdder requestTimeouts = counter("request_timeouts");
  private final LongAdder malformedRequests = counter("malformed_requests");
  private final LongAdder oversizedBodies = counter("oversized_bodies");
  private final LongAdder ratesExceeded = counter("publish_rates_exceeded");
  private final LongAdder requestRatesExceeded = counter("request_rates_exceeded");
  private final LongAdder refusedRequests = counter("refused_requests");
  private final LongAdder internalErrors = counter("internal_errors");
  private final LongAdder overflows = counter("overflows");
  private final LongAdder protocolErrors = counter("websocket_protocol_errors");
  private final LongAdder silent = counter("websocket_silent");
  private final LongAdder tokensRefused = counter("tokens_refused");
  private final LongAdder tokensExpired = counter("tokens_expired");
  private final LongAdder keySetFailures = counter("key_set_failures");

  private final Failures failures = new Failures();

  /** All at zero. */
  public ServerMetrics() {
    for (Limit limit : Limit.values()) {
      limits.put(limit, new LongAdder());
    }
  }

  /** What went wrong inside, and where. */
  public Failures failures() {
    return failures;
  }

  /**
   * Notes by what a connection ends: what its peer did, or the network, is counted; all else is a
   * failure of ours. Never throws.
   */
  public void connectionFailed(Throwable cause) {
    if (cause instanceof IOException
        || cause instanceof CodecException
        || cause instanceof Http2Exception) {
      connectionErrors.increment();
    } else {
      failures.contain(Failures.Place.CONNECTION, cause);
    }
  }

  /** Somebody has come to a bound. */
  public void exceed(Limit limit) {
    exceeded(limit).increment();
  }

  /** How often somebody has come to a bound. */
  public LongAdder exceeded(Limit limit) {
    return Objects.requireNonNull(limits.get(limit));
  }

  /** All counters by name, in words with {@code _} between them. */
  public Map<String, LongAdder> counters() {
    return Collections.unmodifiableMap(counters);
  }

  /** The values of all counters by name. */
  public Map<String, Long> snapshot() {
    Map<String, Long> values = new LinkedHashMap<>();
    counters.forEach((name, value) -> values.put(name, value.sum()));
    return values;
  }

  /** Connections accepted. */
  public LongAdder connectionsAccepted() {
    return connectionsAccepted;
  }

  /** Connections refused because there were too many. */
  public LongAdder connectionsRefused() {
    return connectionsRefused;
  }

  /** Connections that ended with an error of their socket. */
  public LongAdder connectionErrors() {
    return connectionErrors;
  }

  /** Connections of trusted proxies that didn't begin with the PROXY protocol's header. */
  public LongAdder proxyHeaderFailures() {
    return proxyHeaderFailures;
  }

  /** TLS handshakes that came to nothing. */
  public LongAdder tlsFailures() {
    return tlsFailures;
  }

  /** Changed certificates that were taken. */
  public LongAdder tlsReloads() {
    return tlsReloads;
  }

  /** Changed certificates that couldn't be used. */
  public LongAdder tlsReloadFailures() {
    return tlsReloadFailures;
  }

  /** Connections of HTTP/2. */
  public LongAdder http2Connections() {
    return http2Connections;
  }

  /** WebSockets that began with an extended CONNECT. */
  public LongAdder http2WebSockets() {
    return http2WebSockets;
  }

  /** Connections of HTTP/2 that were ended because the peer broke the protocol. */
  public LongAdder http2Errors() {
    return http2Errors;
  }

  /** Connections of HTTP/2 that were ended because of too many frames that mean nothing. */
  public LongAdder http2Floods() {
    return http2Floods;
  }

  /** Requests received. */
  public LongAdder requests() {
    return requests;
  }

  /** Requests that didn't arrive within the handshake time. */
  public LongAdder requestTimeouts() {
    return requestTimeouts;
  }

  /** What came and was no HTTP. */
  public LongAdder malformedRequests() {
    return malformedRequests;
  }

  /** Requests whose body was too large. */
  public LongAdder oversizedBodies() {
    return oversizedBodies;
  }

  /** Publishing requests, commands and messages that came faster than a policy's rate. */
  public LongAdder ratesExceeded() {
    return ratesExceeded;
  }

  /** Requests that came faster than the rate of their address. */
  public LongAdder requestRatesExceeded() {
    return requestRatesExceeded;
  }

  /** Requests answered with 4xx or 503. */
  public LongAdder refusedRequests() {
    return refusedRequests;
  }

  /** Requests answered with 500. */
  public LongAdder internalErrors() {
    return internalErrors;
  }

  /** Streams closed because they fell behind the log. */
  public LongAdder overflows() {
    return overflows;
  }

  /** WebSockets failed because the peer broke the protocol. */
  public LongAdder protocolErrors() {
    return protocolErrors;
  }

  /** WebSockets closed because nothing came any more. */
  public LongAdder silent() {
    return silent;
  }

  /** Keys and tokens that didn't count. */
  public LongAdder tokensRefused() {
    return tokensRefused;
  }

  /** Streams and polls that ended because their token had. */
  public LongAdder tokensExpired() {
    return tokensExpired;
  }

  /** Times that the key set for tokens couldn't be fetched or read. */
  public LongAdder keySetFailures() {
    return keySetFailures;
  }

  private LongAdder counter(String name) {
    LongAdder adder = new LongAdder();
    counters.put(name, adder);
    return adder;
  }
}
