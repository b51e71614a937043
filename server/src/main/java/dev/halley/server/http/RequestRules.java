package dev.halley.server.http;

import dev.halley.server.Limit;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a request's head must be like before its body is waited for. */
final class RequestRules {
  /** What is still sent after a refusal is read for so long as it takes at this rate. */
  private static final long SLOWEST_BYTES_PER_SECOND = 16 << 10;

  /** To look for one takes as long as there are others of the same hash, up to all of them. */
  static final int MOST_FIELDS = 200;

  private RequestRules() {}

  /** What stands against a head of HTTP/1.1 that could be read. */
  static Optional<HttpError> problem(HttpRequest request) {
    if (request.protocolVersion().majorVersion() != 1) {
      return Optional.of(
          new HttpError(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "The version is HTTP/1.1"));
    }
    if (request.headers().size() > MOST_FIELDS) {
      return Optional.of(tooManyFields().beyond(Limit.REQUEST_HEAD));
    }
    return codingProblem(request).or(() -> expectationProblem(request));
  }

  /** Any other coding would be published as it is, undecoded (RFC 9112 sections 6.1 and 6.3). */
  private static Optional<HttpError> codingProblem(HttpRequest request) {
    List<String> lines = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      return Optional.of(HttpError.badRequest("HTTP/1.0 has no transfer codings"));
    }
    String[] codings = String.join(",", lines).split(",", -1);
    for (int i = 0; i < codings.length; i++) {
      codings[i] = codings[i].strip();
    }
    if (!isChunked(codings[codings.length - 1])) {
      return Optional.of(HttpError.badRequest("The last transfer coding is chunked"));
    }
    return codings.length == 1
        ? Optional.empty()
        : Optional.of(
            new HttpError(
                HttpResponseStatus.NOT_IMPLEMENTED, "The only transfer coding is chunked"));
  }

  private static boolean isChunked(String coding) {
    return HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding);
  }

  /** What stands against what a request expects (RFC 9110 section 10.1.1). */
  static Optional<HttpError> expectationProblem(HttpRequest request) {
    boolean isKnown =
        request.protocolVersion().equals(HttpVersion.HTTP_1_0)
            || request.headers().getAll(HttpHeaderNames.EXPECT).stream()
                .allMatch(HttpHeaderValues.CONTINUE::contentEqualsIgnoreCase);
    return isKnown
        ? Optional.empty()
        : Optional.of(
            new HttpError(
                HttpResponseStatus.EXPECTATION_FAILED,
                "The only expectation that is known is 100-continue"));
  }

  /** What to say to what couldn't be read. */
  static HttpError malformed(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new HttpError(HttpResponseStatus.REQUEST_URI_TOO_LONG, "The request line is too long")
          .beyond(Limit.REQUEST_HEAD);
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new HttpError(
              HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The header fields are too large")
          .beyond(Limit.REQUEST_HEAD);
    }
    return new HttpError(HttpResponseStatus.BAD_REQUEST, "That is not an HTTP/1.1 request");
  }

  /** What to say to more fields than {@link #MOST_FIELDS}. */
  static HttpError tooManyFields() {
    return new HttpError(
        HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "A request has at most " + MOST_FIELDS + " header fields");
  }

  /** What to say to a body of more bytes than that. */
  static HttpError bodyTooLarge(int most) {
    return new HttpError(
            HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
            "A request's body has at most " + most + " bytes")
        .beyond(Limit.REQUEST_BODY);
  }

  /** What to say where there is no memory for what arrives; it is counted where that is known. */
  static HttpError noMemory() {
    return HttpError.unavailable(
        "What has arrived and isn't done with is as much as there may be (limits.arriving-bytes)");
  }

  /** What to say to a request that is too slow to arrive. */
  static HttpError timedOut() {
    return new HttpError(
            HttpResponseStatus.REQUEST_TIMEOUT,
            "A request must arrive within the handshake time, and a longer body must go on")
        .beyond(Limit.HANDSHAKE_TIMEOUT);
  }

  /** The length that the head announces for the body, 0 if it says nothing of it. */
  static long declaredLength(HttpRequest request) {
    return HttpUtil.isContentLengthSet(request) ? HttpUtil.getContentLength(request, 0L) : 0;
  }

  /** How long what is dropped of a body may take at most, in nanoseconds. */
  static long arrivalNanos(Duration handshake, long declaredLength, int mostBytes) {
    long bounded = Math.min(declaredLength, mostBytes);
    return handshake.toNanos() + TimeUnit.SECONDS.toNanos(bounded / SLOWEST_BYTES_PER_SECOND);
  }
}
