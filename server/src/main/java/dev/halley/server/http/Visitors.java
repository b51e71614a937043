package dev.halley.server.http;

import dev.halley.server.HooksConfig;
import dev.halley.server.ServerConfig;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Visitor;
import dev.halley.server.hook.Admission;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What the application gets to see of requests, where it is asked. */
final class Visitors {
  private final Optional<HooksConfig> hooks;
  private final boolean readsTokens;
  private final OriginRules origins;
  private final Admission admission;

  Visitors(ServerConfig config, OriginRules origins, Admission admission) {
    this.hooks = config.hooks();
    this.readsTokens = config.tokens().isPresent();
    this.origins = origins;
    this.admission = admission;
  }

  /** Who makes a request; of whom the application is asked, if it is. */
  Caller of(Exchange exchange, Caller known) {
    return hooks.isEmpty() || known.hasKey()
        ? known
        : admission.access().asked(known, visitor(exchange, hooks.get()));
  }

  private Visitor visitor(Exchange exchange, HooksConfig config) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String name : config.headers()) {
      List<String> values = exchange.headers().getAll(name);
      if (!values.isEmpty() && mayBeSeen(name, exchange)) {
        String separator = isCookie(name) ? "; " : ", ";
        fields.put(name.toLowerCase(Locale.ROOT), String.join(separator, values));
      }
    }
    return new Visitor(
        UUID.randomUUID().toString(),
        exchange.remoteAddress().getAddress().getHostAddress(),
        transport(exchange),
        fields,
        readsTokens ? Optional.empty() : CredentialFields.parameter(exchange),
        admission.now());
  }

  /** A page that may use the server but not the user's cookies doesn't get to by a detour. */
  private boolean mayBeSeen(String name, Exchange exchange) {
    return !isCookie(name) || origins.mayUseCookies(exchange);
  }

  private static boolean isCookie(String name) {
    return name.equalsIgnoreCase(HttpHeaderNames.COOKIE.toString());
  }

  private static String transport(Exchange exchange) {
    if (exchange.method().equals("POST")) {
      return "http";
    }
    if (exchange.wantsWebSocket()) {
      return "websocket";
    }
    return ListenHandler.acceptsEventStream(exchange) ? "sse" : "poll";
  }
}
