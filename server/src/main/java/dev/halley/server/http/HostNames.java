package dev.halley.server.http;

import dev.halley.server.AdminMode;
import dev.halley.server.OriginPattern;
import dev.halley.server.ServerConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * By which names a server may be called that anybody may use who reaches it, because it listens on
 * this machine alone. A page can have its own name point to a loopback address (DNS rebinding): to
 * the browser the server is then that page's own, and the name in {@code Host} is all that gives it
 * away.
 */
final class HostNames {
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "(([a-z0-9_-]+\\.)*localhost\\.?|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{0,5})?");

  /** No stranger's: there are no addresses behind names without a dot in the public DNS. */
  private static final Pattern DOTLESS = Pattern.compile("[a-z0-9_-]+(:[0-9]{0,5})?");

  private final boolean guarded;
  private final Set<String> allowed;
  private final List<OriginPattern> origins;

  HostNames(ServerConfig config) {
    List<OriginPattern> patterns =
        config.access().allowedOrigins().stream().map(OriginPattern::parse).toList();
    this.guarded =
        AdminMode.listensOnLoopback(config)
            && config.access().apiKey().isEmpty()
            && config.tokens().isEmpty()
            && config.hooks().isEmpty()
            && patterns.stream().noneMatch(OriginPattern::isAny);
    this.allowed =
        config.access().allowedHosts().stream()
            .map(it -> it.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    this.origins = patterns;
  }

  /** Whether {@code Host} is a name that only this machine has for itself. */
  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  /**
   * Lets a request pass or not, whoever sent it: a page reads its own server without an {@code
   * Origin}.
   *
   * @throws HttpError 403
   */
  void check(HttpHeaders headers) {
    String host = guarded ? headers.get(HttpHeaderNames.HOST) : null;
    if (host != null && !mayBe(host)) {
      throw new HttpError(
          HttpResponseStatus.FORBIDDEN,
          "Without keys this server is for localhost alone: its operator allows other names with"
              + " --allow-host");
    }
  }

  private boolean mayBe(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return isLoopback(lower)
        || DOTLESS.matcher(lower).matches()
        || allowed.contains(lower)
        || allowed.contains(withoutPort(lower))
        || isOfOrigins("http", lower)
        || isOfOrigins("https", lower);
  }

  private boolean isOfOrigins(String scheme, String host) {
    String origin = OriginPattern.normalize(scheme + "://" + host);
    return origins.stream().anyMatch(it -> it.matches(origin));
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }
}
