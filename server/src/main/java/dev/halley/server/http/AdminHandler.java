package dev.halley.server.http;

import dev.halley.broker.ChannelNames;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.admin.AdminReports;
import dev.halley.server.meter.Via;
import dev.halley.websocket.Header;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * {@code /admin}: the operator's page, and the JSON behind it. The page itself says nothing of the
 * server and is for everybody; each request below {@code /admin/api/} is checked.
 */
final class AdminHandler {
  private static final String ROOT = "/admin";
  private static final String API = "/admin/api/";
  private static final String CONNECTIONS = "connections/";
  private static final String CHANNELS = "channels/";
  private static final String DISCONNECT = "/disconnect";
  private static final int MOST_LINES = AdminReports.MOST_LINES;

  private static final Map<String, String> FILES =
      Map.of(
          "", "index.html",
          "admin.css", "admin.css",
          "admin.js", "admin.js",
          "api.js", "api.js",
          "chart.js", "chart.js",
          "dom.js", "dom.js",
          "format.js", "format.js",
          "icon.svg", "icon.svg");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private static final List<Header> GUARDS =
      List.of(
          new Header(
              "Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                  + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'"),
          new Header("Referrer-Policy", "no-referrer"),
          new Header("Cross-Origin-Opener-Policy", "same-origin"),
          new Header("Cross-Origin-Resource-Policy", "same-origin"),
          new Header("Cache-Control", "no-store"));

  private final AdminReports reports;
  private final PublishHandler publish;
  private final HttpRouter router;
  private final boolean keyless;
  private final OffLoop threads;

  AdminHandler(AdminReports reports, PublishHandler publish, HttpRouter router, boolean keyless) {
    this.reports = reports;
    this.publish = publish;
    this.router = router;
    this.keyless = keyless;
    this.threads = new OffLoop(router, "halley-admin-");
  }

  /** Whether a path is this handler's. */
  static boolean owns(String path) {
    return path.equals(ROOT) || path.startsWith(ROOT + "/");
  }

  /** Sees to what needs no key; returns whether that was all. */
  boolean handleOpen(Exchange exchange, String path) {
    AdminAccess.check(exchange, keyless);
    if (path.startsWith(API)) {
      return false;
    }
    HttpRouter.requireGet(exchange);
    query(exchange);
    if (path.equals(ROOT)) {
      exchange.respondEmpty(
          HttpResponseStatus.PERMANENT_REDIRECT, List.of(new Header("Location", ROOT + "/")));
    } else {
      respondFile(exchange, path.substring(ROOT.length() + 1));
    }
    return true;
  }

  /** Refuses what can be told to be refused by its head. */
  void examine(Exchange exchange, String path, Caller caller) {
    AdminAccess.check(exchange, keyless);
    if (path.startsWith(API)) {
      requireKey(caller);
    } else {
      HttpRouter.requireGet(exchange);
    }
  }

  private void requireKey(Caller caller) {
    if (!keyless && !caller.hasKey()) {
      throw HttpError.of(Refusal.anonymous("The operator's page needs the API key"));
    }
  }

  /** A request below {@code /admin/api/}. */
  void handle(Exchange exchange, String path, Caller caller) {
    requireKey(caller);
    String what = path.substring(API.length());
    if (what.startsWith(CONNECTIONS) && what.endsWith(DISCONNECT)) {
      HttpRouter.requireMethod(exchange, "POST");
      query(exchange);
      long number =
          number(what.substring(CONNECTIONS.length(), what.length() - DISCONNECT.length()));
      answer(exchange, () -> reports.disconnect(number) ? Optional.of("{}") : Optional.empty());
    } else if (what.startsWith(CHANNELS) && exchange.method().equals("POST")) {
      query(exchange);
      publish.handle(exchange, "/channels/" + name(what), caller);
    } else {
      HttpRouter.requireGet(exchange);
      answer(exchange, report(exchange, what));
    }
  }

  private Supplier<Optional<String>> report(Exchange exchange, String what) {
    if (what.equals("overview")) {
      query(exchange);
      return () -> Optional.of(reports.overview());
    }
    if (what.equals("connections")) {
      Query query = query(exchange, "after", "transport", "lagging", "limit");
      AdminReports.ConnectionQuery wanted =
          new AdminReports.ConnectionQuery(
              query.value("after").map(AdminHandler::number).orElse(0L),
              query.value("transport").map(AdminHandler::via),
              query.value("lagging").isPresent(),
              limit(query));
      return () -> Optional.of(reports.connections(wanted));
    }
    if (what.equals("channels")) {
      Query query = query(exchange, "prefix", "after", "limit");
      String prefix = query.value("prefix").orElse("");
      String after = query.value("after").orElse("");
      int limit = limit(query);
      return () -> Optional.of(reports.channels(prefix, after, limit));
    }
    query(exchange);
    if (what.startsWith(CONNECTIONS)) {
      long number = number(what.substring(CONNECTIONS.length()));
      return () -> reports.connection(number);
    }
    if (what.startsWith(CHANNELS)) {
      String name = name(what);
      return () -> reports.channelDetails(name);
    }
    throw HttpRouter.nothingHere();
  }

  private static String name(String what) {
    String name;
    try {
      String encoded = what.substring(CHANNELS.length());
      name = QueryStringDecoder.decodeComponent(encoded.replace("+", "%2B"));
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest(ChannelNames.RULE);
    }
    if (!ChannelNames.isValid(name)) {
      throw HttpError.badRequest(ChannelNames.RULE);
    }
    return name;
  }

  private void answer(Exchange exchange, Supplier<Optional<String>> report) {
    threads.run(
        exchange,
        "The event loops don't answer",
        () -> {
          Optional<String> json = report.get();
          return json.isPresent()
              ? () -> HttpRouter.respondText(exchange, "application/json", json.get())
              : () -> router.refuse(exchange, HttpRouter.nothingHere());
        });
  }

  private static void respondFile(Exchange exchange, String path) {
    String file = FILES.get(path);
    if (file == null) {
      throw HttpRouter.nothingHere();
    }
    Header type =
        new Header(
            "Content-Type", TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), ""));
    exchange.respond(
        HttpResponseStatus.OK,
        Stream.concat(Stream.of(type), GUARDS.stream()).toList(),
        Unpooled.wrappedBuffer(read(file)));
  }

  private static byte[] read(String file) {
    try (InputStream in = AdminReports.class.getResourceAsStream(file)) {
      if (in == null) {
        throw HttpRouter.nothingHere();
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- what a request says ----

  private static Query query(Exchange exchange, String... known) {
    Query query = Query.of(exchange.target());
    query.require("This path", List.of(known));
    return query;
  }

  private static int limit(Query query) {
    long wanted = query.value("limit").map(AdminHandler::number).orElse((long) MOST_LINES);
    return Math.clamp(wanted, 1, MOST_LINES);
  }

  private static long number(String text) {
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw HttpError.badRequest("That is no number: digits are");
    }
    return Long.parseLong(text);
  }

  private static Via via(String label) {
    return Arrays.stream(Via.values())
        .filter(via -> via.label().equals(label))
        .findFirst()
        .orElseThrow(() -> HttpError.badRequest("There is no such transport"));
  }
}
