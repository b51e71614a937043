package dev.halley.server.http;

import dev.halley.broker.Cursor;
import dev.halley.server.ChannelRules;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.app.Request;
import dev.halley.server.app.WebSocketEndpoint;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.transport.ApplicationSocket;
import dev.halley.server.transport.Deflation;
import dev.halley.server.transport.EchoSocket;
import dev.halley.server.transport.HalleyV1Socket;
import dev.halley.server.transport.RawSocket;
import dev.halley.server.transport.SocketContext;
import dev.halley.server.wire.JsonBounds;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.HandshakeOutcome;
import dev.halley.websocket.HandshakeOutcome.Accepted;
import dev.halley.websocket.HandshakeOutcome.Rejected;
import dev.halley.websocket.Header;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ServerHandshake;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Requests that want to become WebSockets. */
final class WebSocketUpgrade {
  private static final int COMMAND_ENVELOPE = 64 << 10;

  private final ServerConfig config;
  private final Hub hub;
  private final ServerMetrics metrics;
  private final Admission admission;
  private final StreamCounts streamCounts;
  private final Optional<DeflateParameters> deflate;
  private final MessageLimits messageLimits;
  private final MessageLimits commandLimits;
  private final JsonBounds jsonBounds;
  private final Map<HubShard, SocketContext> contexts = new ConcurrentHashMap<>();

  WebSocketUpgrade(
      ServerConfig config,
      Hub hub,
      ServerMetrics metrics,
      Admission admission,
      StreamCounts streamCounts) {
    this.streamCounts = streamCounts;
    this.config = config;
    this.hub = hub;
    this.metrics = metrics;
    this.admission = admission;
    messageLimits = new MessageLimits(config.limits().payload(), config.limits().payload());
    commandLimits = commandLimits(hub);
    jsonBounds = JsonBounds.of(config.arriving());
    deflate = config.compression().level() == 0 ? Optional.empty() : Optional.of(Deflation.WANTED);
  }

  /** Room for the largest publication as text with escapes, or in Base64, and what is around it. */
  private static MessageLimits commandLimits(Hub hub) {
    int payload = hub.policies().all().stream().mapToInt(ChannelRules::payload).max().orElse(0);
    int most = (int) Math.min(2L * payload + COMMAND_ENVELOPE, Integer.MAX_VALUE);
    return new MessageLimits(most, most);
  }

  /** The echo endpoint. */
  void echo(Exchange exchange) {
    Accepted accepted = handshake(exchange, List.of());
    streamCounts.begin(exchange);
    EchoSocket socket = new EchoSocket(socketContext(exchange.shard()), accepted.deflate());
    switchProtocols(exchange, accepted, () -> "", socket);
  }

  /** A WebSocket of the application. */
  void open(Exchange exchange, WebSocketEndpoint endpoint, Request request) {
    Accepted accepted = handshake(exchange, List.of());
    streamCounts.begin(exchange);
    ApplicationSocket socket =
        new ApplicationSocket(
            socketContext(exchange.shard()), accepted.deflate(), endpoint, request);
    switchProtocols(exchange, accepted, () -> "", socket);
  }

  /**
   * The handshake of a listener.
   *
   * @throws HttpError if it can't become one, whoever it is
   */
  Accepted listener(Exchange exchange, ListenRequest request) {
    Accepted accepted = handshake(exchange, List.of(HalleyV1Socket.SUBPROTOCOL));
    boolean multiplexed = accepted.subprotocol().isPresent();
    if (request.channels().isEmpty() && !multiplexed) {
      throw HttpError.badRequest(
          "A WebSocket names a channel, or speaks " + HalleyV1Socket.SUBPROTOCOL);
    }
    return accepted;
  }

  /** A listener, with the subprotocol {@code halley.v1} if it offers it. */
  void listen(Exchange exchange, ListenRequest request, Caller caller) {
    Accepted accepted = listener(exchange, request);
    Optional<Refusal> refusal = caller.subscribeRefusal();
    if (refusal.isPresent() && caller.publishRefusal().isPresent()) {
      throw HttpError.of(refusal.get());
    }
    PendingAnswer.hold(exchange);
    StreamStart.resolve(
        hub,
        exchange.shard(),
        request.channels(),
        request.cursorsOr(new Cursor.Latest()),
        cursors -> {
          if (!exchange.isAnswered()) {
            open(exchange, accepted, request.channels(), cursors, caller);
          }
        },
        cause -> exchange.fail(HttpError.unavailable(cause)));
  }

  private void open(
      Exchange exchange,
      Accepted accepted,
      List<String> channels,
      List<Cursor> cursors,
      Caller caller) {
    SocketContext context = socketContext(exchange.shard());
    if (accepted.subprotocol().isPresent()) {
      HalleyV1Socket socket =
          new HalleyV1Socket(context, accepted.deflate(), channels, cursors, caller);
      switchProtocols(exchange, accepted, socket::positions, socket);
    } else {
      RawSocket socket = new RawSocket(context, accepted.deflate(), channels, cursors, caller);
      switchProtocols(exchange, accepted, socket::positions, socket);
    }
  }

  private SocketContext socketContext(HubShard shard) {
    return contexts.computeIfAbsent(
        shard,
        it ->
            new SocketContext(
                config,
                hub,
                metrics,
                admission.access(),
                admission,
                it,
                new Deflation(config.compression()),
                messageLimits,
                commandLimits,
                jsonBounds));
  }

  private Accepted handshake(Exchange exchange, List<String> subprotocols) {
    if (exchange.isHttp2() && exchange.connectProtocol().isEmpty()) {
      throw new HttpError(
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          "A WebSocket over HTTP/2 begins with an extended CONNECT",
          new Header("Allow", "CONNECT"));
    }
    HandshakeOutcome outcome =
        exchange
            .connectProtocol()
            .map(
                protocol ->
                    ServerHandshake.acceptConnect(
                        "CONNECT", protocol, exchange.headers()::getAll, subprotocols, deflate))
            .orElseGet(
                () ->
                    ServerHandshake.accept(
                        exchange.method(),
                        exchange.version(),
                        exchange.headers()::getAll,
                        subprotocols,
                        deflate));
    // No switch over types here: the first one that runs makes a class, which delays the first 101.
    if (outcome instanceof Rejected rejected) {
      throw new HttpError(
          HttpResponseStatus.valueOf(rejected.status()),
          rejected.reason(),
          rejected.headers().toArray(new Header[0]));
    }
    return (Accepted) outcome;
  }

  private static void switchProtocols(
      Exchange exchange, Accepted accepted, Supplier<String> positions, StreamHandler socket) {
    List<Header> headers;
    try {
      headers = new ArrayList<>(accepted.headers());
      String text = positions.get();
      if (!text.isEmpty()) {
        headers.add(new Header("Halley-Position", text));
      }
    } catch (Throwable e) {
      socket.abandon();
      throw e;
    }
    exchange.handOver(HttpResponseStatus.valueOf(accepted.status()), headers, socket);
  }
}
