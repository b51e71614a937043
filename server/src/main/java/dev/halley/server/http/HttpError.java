package dev.halley.server.http;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.server.Limit;
import dev.halley.server.access.Refusal;
import dev.halley.server.access.RefusedException;
import dev.halley.server.hub.RateExceeded;
import dev.halley.websocket.Header;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;

/**
 * What is wrong with a request: the one way for a handler to refuse it. The message is the rule
 * that was broken.
 */
public final class HttpError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient HttpResponseStatus status;
  private final transient List<Header> headers;
  private final transient Optional<Limit> limit;
  private final transient List<String> channels;

  /** A refusal with further header fields. */
  public HttpError(HttpResponseStatus status, String message, Header... headers) {
    this(status, message, List.of(headers), Optional.empty(), List.of());
  }

  private HttpError(
      HttpResponseStatus status,
      String message,
      List<Header> headers,
      Optional<Limit> limit,
      List<String> channels) {
    super(message, null, false, false);
    this.status = status;
    this.headers = headers;
    this.limit = limit;
    this.channels = channels;
  }

  /** 400 with the rule. */
  public static HttpError badRequest(String message) {
    return new HttpError(HttpResponseStatus.BAD_REQUEST, message);
  }

  /** 503 for what may work in a moment. */
  public static HttpError unavailable(String message) {
    return new HttpError(
        HttpResponseStatus.SERVICE_UNAVAILABLE, message, new Header("Retry-After", "5"));
  }

  /** 429 (RFC 6585 section 4). */
  public static HttpError tooMany(String message, int retryAfterSeconds) {
    return new HttpError(
        HttpResponseStatus.TOO_MANY_REQUESTS,
        message,
        new Header("Retry-After", Integer.toString(retryAfterSeconds)));
  }

  /** 429 with the rate that was exceeded. */
  public static HttpError of(RateExceeded exceeded) {
    return tooMany(exceeded.rule(), exceeded.seconds()).beyond(exceeded.limit());
  }

  /** 503 with what the broker said of itself. */
  public static HttpError unavailable(Throwable cause) {
    if (cause instanceof HttpError known) {
      return known;
    }
    if (cause instanceof RefusedException refused) {
      return of(refused.refusal());
    }
    // What another failure says is for the log.
    return unavailable(
        cause instanceof BrokerUnavailableException
            ? String.valueOf(cause.getMessage())
            : "The broker failed");
  }

  /** What stands against whoever asks, with the challenge of RFC 6750 section 3. */
  public static HttpError of(Refusal refusal) {
    if (refusal.status() == Refusal.UNAVAILABLE) {
      return unavailable(refusal.rule());
    }
    return new HttpError(
            HttpResponseStatus.valueOf(refusal.status()), refusal.rule(), challenge(refusal))
        .about(refusal.channels());
  }

  private static Header challenge(Refusal refusal) {
    String error =
        refusal
            .error()
            .map(code -> ", error=\"" + code + "\", error_description=\"" + refusal.rule() + '"')
            .orElse("");
    return new Header("WWW-Authenticate", "Bearer realm=\"halley\"" + error);
  }

  /** The same, to be counted for a bound. */
  public HttpError beyond(Limit crossed) {
    return new HttpError(status, rule(), headers, Optional.of(crossed), channels);
  }

  /** The same of some of the request's channels, so that the client can go on without them. */
  HttpError about(List<String> refused) {
    return new HttpError(status, rule(), headers, limit, refused);
  }

  /** Which of the request's channels are refused; none if it is the request as a whole. */
  public List<String> channels() {
    return channels;
  }

  /** The bound that the request has crossed, if that is what is wrong with it. */
  public Optional<Limit> limit() {
    return limit;
  }

  /** The rule that was broken. */
  public String rule() {
    return String.valueOf(getMessage());
  }

  /** The status of the answer. */
  public HttpResponseStatus status() {
    return status;
  }

  /** Header fields of the answer. */
  public List<Header> headers() {
    return headers;
  }
}
