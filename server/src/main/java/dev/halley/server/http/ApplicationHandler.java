package dev.halley.server.http;

import dev.halley.server.app.Application;
import dev.halley.server.app.Application.Target;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestHandler;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import dev.halley.websocket.Header;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hands requests over to the application, each on a virtual thread of its own: what it does may
 * block. How many there are is bounded by the number of connections, each of which has one request
 * at a time, or with HTTP/2 {@code http2.streams}.
 */
final class ApplicationHandler {
  private static final int MOST_PARAMETERS = 256;
  private static final String TOO_LATE = "The application doesn't answer";

  private final Application application;
  private final WebSocketUpgrade upgrade;
  private final HttpRouter router;
  private final OffLoop threads;

  ApplicationHandler(Application application, WebSocketUpgrade upgrade, HttpRouter router) {
    this.application = application;
    this.upgrade = upgrade;
    this.router = router;
    this.threads = new OffLoop(router, "halley-app-");
  }

  /**
   * Sees to it that the request is answered.
   *
   * @param path without the query, as sent
   */
  void handle(Exchange exchange, String path) {
    String decoded = decodePath(path);
    String method = exchange.isHead() ? "GET" : exchange.method();
    switch (application.find(method, decoded)) {
      case Target.Handler target ->
          run(exchange, target.handler(), request(exchange, decoded, target.variables()));
      case Target.Endpoint target ->
          upgrade.open(exchange, target.endpoint(), request(exchange, decoded, target.variables()));
      case Target.OtherMethods target ->
          throw HttpRouter.methodNotAllowed(String.join(", ", target.allowed()));
      case Target.Unknown unknown -> throw HttpRouter.nothingHere();
    }
  }

  /**
   * Refuses what {@link #handle} would, as far as the head tells; says whether there is anything to
   * do with a body.
   */
  boolean examine(Exchange exchange, String path) {
    String method = exchange.isHead() ? "GET" : exchange.method();
    return switch (application.find(method, decodePath(path))) {
      case Target.Handler target -> true;
      case Target.Endpoint target -> false;
      case Target.OtherMethods target ->
          throw HttpRouter.methodNotAllowed(String.join(", ", target.allowed()));
      case Target.Unknown unknown -> throw HttpRouter.nothingHere();
    };
  }

  private void run(Exchange exchange, RequestHandler handler, Request request) {
    threads.run(exchange, TOO_LATE, () -> answer(exchange, handler, request));
  }

  private Runnable answer(Exchange exchange, RequestHandler handler, Request request)
      throws Exception {
    try {
      Response response = handler.handle(request);
      return () -> respond(exchange, response);
    } catch (RequestRefusedException e) {
      HttpError error = new HttpError(HttpResponseStatus.valueOf(e.status()), e.rule());
      return () -> router.refuse(exchange, error);
    }
  }

  private static void respond(Exchange exchange, Response response) {
    if (exchange.isAnswered()) {
      return;
    }
    List<Header> headers = new ArrayList<>();
    response.headers().forEach((name, value) -> headers.add(new Header(name, value)));
    exchange.respond(
        HttpResponseStatus.valueOf(response.status()),
        headers,
        Unpooled.wrappedBuffer(response.body()));
  }

  private static Request request(Exchange exchange, String path, Map<String, String> variables) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    exchange
        .headers()
        .forEach(
            field ->
                headers.merge(
                    field.getKey(), field.getValue(), (one, other) -> one + ", " + other));
    return new Request(
        exchange.method(),
        path,
        parameters(exchange),
        headers,
        variables,
        ByteBuffer.wrap(exchange.takeBody()),
        exchange.remoteAddress());
  }

  private static Map<String, List<String>> parameters(Exchange exchange) {
    try {
      return QueryStringDecoder.builder()
          .maxParams(MOST_PARAMETERS)
          .build(exchange.target())
          .parameters();
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest("A query has whole percent-encoded bytes");
    }
  }

  private static String decodePath(String path) {
    if (!path.startsWith("/")) {
      throw HttpError.badRequest("A request's target begins with /");
    }
    try {
      // A plus sign stands for itself in a path.
      return QueryStringDecoder.decodeComponent(path.replace("+", "%2B"));
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest("A path has whole percent-encoded bytes");
    }
  }
}
