package dev.halley.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a request is for (RFC 9112 section 3.2). However it said so, a handler sees the origin-form
 * of its target and one Host.
 */
final class RequestTarget {
  private static final String REG_NAME = "-._~%!$&'()*+,;="; // beside letters and digits

  private RequestTarget() {}

  /**
   * Checks the target and the Host, and makes an absolute-form what it stands for.
   *
   * @return what is wrong with them
   */
  static Optional<HttpError> resolve(Exchange exchange) {
    try {
      require(exchange);
      return Optional.empty();
    } catch (HttpError e) {
      return Optional.of(e);
    }
  }

  private static void require(Exchange exchange) {
    List<String> hosts = exchange.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || (hosts.isEmpty() && !exchange.version().equals("HTTP/1.0"))) {
      throw HttpError.badRequest("A request has exactly one Host field");
    }
    if (!hosts.isEmpty() && !isAuthority(hosts.get(0).strip()) && !hosts.get(0).isBlank()) {
      throw HttpError.badRequest("Host is a host, and perhaps a colon and a port");
    }
    String target = exchange.target();
    if (target.startsWith("/")) {
      return;
    }
    if (exchange.method().equals("CONNECT")) {
      throw new HttpError(HttpResponseStatus.NOT_IMPLEMENTED, "This server is no proxy");
    }
    if (!target.equals("*")) {
      resolveAbsolute(exchange, target);
    } else if (!exchange.method().equals("OPTIONS")) {
      throw HttpError.badRequest("The target * is for OPTIONS");
    }
  }

  private static void resolveAbsolute(Exchange exchange, String target) {
    int colon = target.indexOf("://");
    String scheme = target.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https") || scheme.equals("wss");
    if (!secure && !scheme.equals("http") && !scheme.equals("ws")) {
      throw HttpError.badRequest("A target begins with / or with http:// or https://");
    }
    int begin = colon + 3;
    int end = begin;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    String authority = target.substring(begin, end);
    if (!isAuthority(authority)) {
      throw HttpError.badRequest("A target's authority is a host, and perhaps a colon and a port");
    }
    // RFC 9110 section 7.4. A proxy that is trusted may have decrypted it.
    if (secure && !exchange.isSecure() && !exchange.client().isForwarded()) {
      throw new HttpError(
          HttpResponseStatus.MISDIRECTED_REQUEST, "What is for https comes encrypted");
    }
    exchange.retarget(originForm(exchange.method(), target.substring(end)), authority);
  }

  private static String originForm(String method, String rest) {
    if (rest.isEmpty() && method.equals("OPTIONS")) {
      return "*"; // RFC 9112 section 3.2.4
    }
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  /** {@code uri-host [ ":" port ]} (RFC 9110 section 7.2), without a user in front of it. */
  static boolean isAuthority(String text) {
    int end = 0;
    if (text.startsWith("[")) {
      end = text.indexOf(']') + 1;
      for (int i = 1; i < end - 1; i++) {
        if (!isLetterOrDigit(text.charAt(i)) && ":.".indexOf(text.charAt(i)) < 0) {
          return false;
        }
      }
    } else {
      while (end < text.length() && isOfName(text.charAt(end))) {
        end++;
      }
    }
    if (end == 0 || (end < text.length() && text.charAt(end) != ':')) {
      return false;
    }
    for (int i = end + 1; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isOfName(char c) {
    return isLetterOrDigit(c) || REG_NAME.indexOf(c) >= 0;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
