package dev.halley.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/**
 * Who may see and do what the operator's page shows. With an API key: who has it. Without one: who
 * is on this machine, which the listener's address says, and what is no foreign page there. A page
 * of any origin can make the browser of the operator send requests to a loopback address: it is
 * known by its {@code Origin}, and one whose own name was made to point here (DNS rebinding) by its
 * {@code Host}. A proxy on this machine would speak for strangers: what it says of them is a no.
 */
final class AdminAccess {
  private static final List<String> FORWARDED =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via");

  private AdminAccess() {}

  /**
   * Lets a request pass or not, whatever key it has.
   *
   * @param keyless whether there is no API key
   * @throws HttpError 403
   */
  static void check(Exchange exchange, boolean keyless) {
    String host = exchange.headers().get(HttpHeaderNames.HOST, "");
    for (String origin : exchange.headers().getAll(HttpHeaderNames.ORIGIN)) {
      require(OriginRules.isOwn(origin, exchange), "Pages of other origins may not use /admin");
    }
    String site = exchange.headers().get("Sec-Fetch-Site", "none");
    boolean navigation = exchange.headers().get("Sec-Fetch-Mode", "").equals("navigate");
    require(
        site.equals("none") || site.equals("same-origin") || navigation,
        "Pages of other origins may not use /admin");
    if (keyless) {
      require(
          HostNames.isLoopback(host),
          "Without an API key, /admin is for localhost and loopback addresses alone");
      require(
          !exchange.client().isForwarded()
              && FORWARDED.stream().noneMatch(exchange.headers()::contains),
          "Without an API key, /admin is not for requests that a proxy forwards");
    }
  }

  /**
   * Whether a request came from this machine, as far as can be told: from a loopback address, by a
   * name for one, and not through a proxy that says so.
   */
  static boolean isLocal(Exchange exchange) {
    return exchange.remoteAddress().getAddress().isLoopbackAddress()
        && HostNames.isLoopback(exchange.headers().get(HttpHeaderNames.HOST, ""))
        && !exchange.client().isForwarded()
        && FORWARDED.stream().noneMatch(exchange.headers()::contains);
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new HttpError(HttpResponseStatus.FORBIDDEN, rule);
    }
  }
}
