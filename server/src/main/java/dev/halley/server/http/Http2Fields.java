package dev.halley.server.http;

import dev.halley.websocket.Header;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/** Fields of HTTP/2 as those of HTTP/1.1, and back (RFC 9113 section 8). */
final class Http2Fields {
  private static final HttpVersion HTTP_2 = new HttpVersion("HTTP", 2, 0, true);

  /** They are about a connection that isn't there (RFC 9113 section 8.2.2). */
  private static final Set<String> OF_HTTP_1 =
      Set.of("connection", "keep-alive", "transfer-encoding", "upgrade");

  /**
   * The head of a request.
   *
   * @param request an extended CONNECT asks what a GET asks in HTTP/1.1, and is one here
   * @param connectProtocol the protocol that an extended CONNECT wants (RFC 8441)
   */
  record Head(HttpRequest request, Optional<String> connectProtocol) {}

  private Http2Fields() {}

  /**
   * Reads the head of a request, whose pseudo-header fields Netty has found to be there.
   *
   * @throws IllegalArgumentException if it is malformed (RFC 9113 section 8.1.1)
   */
  static Head request(Http2Headers fields) {
    for (PseudoHeaderName name : PseudoHeaderName.values()) {
      if (fields.getAll(name.value()).size() > 1) {
        throw new IllegalArgumentException("A pseudo-header field is there once");
      }
    }
    String method = String.valueOf(fields.method());
    Optional<String> protocol =
        Optional.ofNullable(fields.get(PseudoHeaderName.PROTOCOL.value())).map(String::valueOf);
    if (protocol.isPresent() && !method.equals("CONNECT")) {
      throw new IllegalArgumentException("Only a CONNECT has :protocol");
    }
    CharSequence path = fields.path();
    if (path != null && !isPath(path, method)) {
      throw new IllegalArgumentException(":path begins with / or is the * of OPTIONS");
    }
    CharSequence target = path == null ? fields.authority() : path;
    HttpRequest request =
        new DefaultHttpRequest(
            HTTP_2,
            protocol.isPresent() ? HttpMethod.GET : HttpMethod.valueOf(method),
            String.valueOf(target),
            headers(fields));
    return new Head(request, protocol);
  }

  /** RFC 9113 section 8.3.1: there is no absolute-form. */
  private static boolean isPath(CharSequence path, String method) {
    return path.length() > 0
        && (path.charAt(0) == '/' || ("*".contentEquals(path) && method.equals("OPTIONS")));
  }

  private static HttpHeaders headers(Http2Headers fields) {
    HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    StringJoiner cookies = new StringJoiner("; ");
    for (Map.Entry<CharSequence, CharSequence> field : fields) {
      CharSequence name = field.getKey();
      if (HttpHeaderNames.COOKIE.contentEquals(name)) {
        cookies.add(field.getValue()); // may be cut into pieces (RFC 9113 section 8.2.3)
      } else if (!PseudoHeaderName.hasPseudoHeaderFormat(name)) {
        headers.add(name.toString(), field.getValue().toString());
      }
    }
    if (cookies.length() > 0) {
      headers.add(HttpHeaderNames.COOKIE, cookies.toString());
    }
    CharSequence authority = fields.authority();
    if (authority != null) {
      for (String host : headers.getAll(HttpHeaderNames.HOST)) {
        if (!host.contentEquals(authority)) {
          throw new IllegalArgumentException("Host is what :authority is");
        }
      }
      headers.set(HttpHeaderNames.HOST, authority.toString());
    }
    return headers;
  }

  /** The head of an answer. */
  static Http2Headers response(HttpResponseStatus status, List<Header> headers) {
    Http2Headers fields = new DefaultHttp2Headers(false);
    fields.status(status.codeAsText());
    if (status.code() >= 200) {
      fields.set(Responses.NO_SNIFF.name(), Responses.NO_SNIFF.value());
    }
    for (Header header : headers) {
      String name = header.name().toLowerCase(Locale.ROOT);
      if (!OF_HTTP_1.contains(name) && !name.equals(Responses.NO_SNIFF.name())) {
        fields.add(name, header.value());
      }
    }
    if (status.code() >= Responses.FIRST_WITH_DATE) {
      fields.add(HttpHeaderNames.DATE, HttpDate.now().text());
    }
    return fields;
  }
}
