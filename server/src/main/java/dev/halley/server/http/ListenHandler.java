package dev.halley.server.http;

import dev.halley.broker.Cursor;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.transport.EventStream;
import dev.halley.server.wire.SseForm;
import dev.halley.websocket.Header;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code GET /channels/…}: decides for one of the four ways to listen. */
final class ListenHandler {
  private final ServerConfig config;
  private final Hub hub;
  private final ServerMetrics metrics;
  private final WebSocketUpgrade upgrade;
  private final PollHandler polls;
  private final UserCounts users;
  private final Admission admission;
  private final Gate gate;
  private final StreamCounts streamCounts;

  ListenHandler(
      ServerConfig config,
      Hub hub,
      ServerMetrics metrics,
      WebSocketUpgrade upgrade,
      Admission admission,
      Gate gate,
      StreamCounts streamCounts) {
    this.streamCounts = streamCounts;
    this.config = config;
    this.hub = hub;
    this.metrics = metrics;
    this.upgrade = upgrade;
    this.admission = admission;
    this.gate = gate;
    this.users = new UserCounts(config, metrics);
    this.polls = new PollHandler(config, hub, metrics, admission.access(), gate);
  }

  void handle(Exchange exchange, ListenRequest request, Caller caller) {
    if (caller instanceof AskedCaller asked) {
      ask(exchange, request, asked);
    } else {
      listen(exchange, request, caller);
    }
  }

  /** The application isn't asked about what comes to nothing anyway. */
  private void ask(Exchange exchange, ListenRequest request, AskedCaller caller) {
    boolean connects = exchange.wantsWebSocket();
    if (connects) {
      upgrade.listener(exchange, request);
    } else {
      requireChannel(request);
      connects = acceptsEventStream(exchange) && !exchange.isHead();
    }
    boolean isConnection = connects;
    gate.pass(
        exchange,
        admission.listen(caller, isConnection, request.channels()),
        admitted -> listenAdmitted(exchange, request, admitted, isConnection));
  }

  /** A connection that was allowed and doesn't come to be is one that has ended. */
  private void listenAdmitted(
      Exchange exchange, ListenRequest request, AskedCaller admitted, boolean isConnection) {
    if (isConnection) {
      exchange.unlessHandedOver(() -> admission.leave(admitted, List.of()));
    }
    if (!exchange.isAnswered()) {
      listen(exchange, request, admitted);
    }
  }

  private void listen(Exchange exchange, ListenRequest request, Caller caller) {
    Optional<Refusal> refusal = caller.subscribeRefusal(request.channels());
    if (refusal.isPresent()) {
      throw HttpError.of(refusal.get());
    }
    requireListenable(request.channels());
    users.begin(exchange, caller);
    if (exchange.wantsWebSocket()) {
      streamCounts.begin(exchange);
      upgrade.listen(exchange, request, caller);
      return;
    }
    requireChannel(request);
    boolean isStream = acceptsEventStream(exchange);
    if (isStream || request.waitTime().isPositive()) {
      streamCounts.begin(exchange);
    }
    if (isStream) {
      openEventStream(exchange, request, caller);
    } else {
      polls.handle(exchange, request, caller);
    }
  }

  /** 404 that names the channels which nobody can listen to. */
  private void requireListenable(List<String> channels) {
    for (int i = 0; i < channels.size(); i++) {
      Optional<String> problem = hub.policies().listenProblem(channels.get(i));
      if (problem.isPresent()) {
        List<String> all =
            channels.stream().filter(it -> hub.policies().listenProblem(it).isPresent()).toList();
        throw new HttpError(HttpResponseStatus.NOT_FOUND, problem.get()).about(all);
      }
    }
  }

  private static void requireChannel(ListenRequest request) {
    if (request.channels().isEmpty()) {
      throw HttpError.badRequest("A request names a channel: /channels/{channel}");
    }
  }

  static boolean acceptsEventStream(Exchange exchange) {
    return exchange.headers().getAll(HttpHeaderNames.ACCEPT).stream()
        .flatMap(line -> Arrays.stream(line.split(",", -1)))
        .anyMatch(ListenHandler::isEventStream);
  }

  /** One of what a client accepts; a weight of 0 is a refusal (RFC 9110 section 12.4.2). */
  private static boolean isEventStream(String accepted) {
    String[] parts = accepted.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*", -1);
    return parts[0].equals("text/event-stream")
        && Arrays.stream(parts).noneMatch(part -> part.matches("q=0(\\.0{0,3})?"));
  }

  private void openEventStream(Exchange exchange, ListenRequest request, Caller caller) {
    if (exchange.isHead()) {
      exchange.respondEndless(HttpResponseStatus.OK, eventStreamHeaders(exchange));
      return;
    }
    PendingAnswer.hold(exchange);
    StreamStart.resolve(
        hub,
        exchange.shard(),
        request.channels(),
        request.cursorsOr(new Cursor.Latest()),
        cursors -> startEventStream(exchange, request, cursors, caller),
        cause -> exchange.fail(HttpError.unavailable(cause)));
  }

  private void startEventStream(
      Exchange exchange, ListenRequest request, List<Cursor> cursors, Caller caller) {
    if (exchange.isAnswered()) {
      return;
    }
    EventStream stream =
        new EventStream(
            config,
            metrics,
            exchange.shard(),
            admission,
            SseForm.of(exchange.isHttp11(), request.objects()),
            request.channels(),
            cursors,
            caller);
    List<Header> headers;
    try {
      headers = eventStreamHeaders(exchange);
      headers.add(new Header("Halley-Position", stream.positions()));
    } catch (Throwable e) {
      stream.abandon();
      throw e;
    }
    exchange.handOver(HttpResponseStatus.OK, headers, stream);
  }

  private static List<Header> eventStreamHeaders(Exchange exchange) {
    List<Header> headers = new ArrayList<>(8);
    headers.add(new Header("Content-Type", "text/event-stream"));
    headers.add(new Header("Cache-Control", "no-store, no-transform"));
    // nginx and those that copied it hold back a stream unless told not to.
    headers.add(new Header("X-Accel-Buffering", "no"));
    headers.add(
        exchange.isHttp11()
            ? new Header("Transfer-Encoding", "chunked")
            : new Header("Connection", "close"));
    return headers;
  }
}
