package dev.halley.server.http;

import dev.halley.broker.BrokerUnavailableException;
import dev.halley.server.Failures;
import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.access.AccessControl;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Credentials;
import dev.halley.server.access.KeysPendingException;
import dev.halley.server.access.Refusal;
import dev.halley.server.access.RefusedException;
import dev.halley.server.admin.AdminReports;
import dev.halley.server.app.Application;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.StreamConnections;
import dev.halley.server.connection.Visit;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import dev.halley.websocket.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which request goes where. One for all connections. */
final class HttpRouter {
  private static final String CHANNELS = "/channels";
  private static final String EVERY_METHOD = "GET, HEAD, POST, OPTIONS";

  private final ServerConfig config;
  private final ServerMetrics metrics;
  private final Hub hub;
  private final Clients clients;
  private final AddressCounts perAddress;
  private final AddressRates rates;
  private final OriginRules origins;
  private final HostNames hosts;
  private final AccessControl access;
  private final CredentialFields credentials;
  private final Visitors visitors;
  private final PublishHandler publish;
  private final ListenHandler listen;
  private final PresenceHandler presence;
  private final WebSocketUpgrade upgrade;
  private final ApplicationHandler application;
  private final MetricsHandler metricsPage;
  private final StreamConnections streams;
  private final Optional<AdminHandler> admin;
  private volatile boolean ready = true;
  private volatile boolean alive = true;

  HttpRouter(
      ServerConfig config,
      Hub hub,
      ServerMetrics metrics,
      Application application,
      Admission admission,
      StreamConnections streams,
      Clients clients,
      AddressCounts perAddress,
      StreamCounts streamCounts) {
    this.config = config;
    this.metrics = metrics;
    this.streams = streams;
    this.hub = hub;
    this.clients = clients;
    this.perAddress = perAddress;
    this.rates = new AddressRates(config.rates().requestsPerAddress(), config.proxyTrust());
    this.origins = new OriginRules(config.access());
    this.hosts = new HostNames(config);
    this.access = admission.access();
    this.credentials = new CredentialFields(config, origins);
    this.visitors = new Visitors(config, origins, admission);
    Gate gate = new Gate(hub, this);
    this.publish = new PublishHandler(hub, metrics, admission, gate, config.arriving());
    this.upgrade = new WebSocketUpgrade(config, hub, metrics, admission, streamCounts);
    this.listen = new ListenHandler(config, hub, metrics, upgrade, admission, gate, streamCounts);
    this.presence = new PresenceHandler(hub, admission, gate);
    this.admin = admin(config, hub, metrics);
    this.metricsPage = new MetricsHandler(metrics, hub, admission.meters(), this);
    this.application = new ApplicationHandler(application, upgrade, this);
  }

  private Optional<AdminHandler> admin(ServerConfig config, Hub hub, ServerMetrics metrics) {
    if (!config.admin().isOnFor(config)) {
      return Optional.empty();
    }
    boolean keyless = config.access().apiKey().isEmpty();
    return Optional.of(new AdminHandler(new AdminReports(hub, metrics), publish, this, keyless));
  }

  ServerMetrics metrics() {
    return metrics;
  }

  /** What streams get when HTTP gives a connection away. */
  StreamConnections streams() {
    return streams;
  }

  /** Lets go of what it holds besides memory. */
  void close() {
    metricsPage.close();
  }

  /** From here on {@code /health/ready} says 503, and no connection is kept for another request. */
  void notReady() {
    ready = false;
  }

  /** From here on {@code /health/live} says 503, too. */
  void notAlive() {
    ready = false;
    alive = false;
  }

  boolean isReady() {
    return ready;
  }

  /**
   * A request that comes on a connection or on a stream of one, whose body comes later.
   *
   * @param peer who is at the other end of the connection
   */
  Exchange open(Requester connection, Client peer, HttpRequest request) {
    return new Exchange(connection, request, clients.of(peer, request.headers()));
  }

  /**
   * Looks at a request whose head has come, before any of its body is kept: what can be told to be
   * refused is decided here. Says whether the rest is to be waited for.
   */
  boolean examine(Exchange exchange) {
    try {
      admit(exchange);
      exchange.setExamined(examinePath(exchange));
    } catch (HttpError e) {
      exchange.decide(e);
    } catch (RefusedException e) {
      exchange.decide(HttpError.of(e.refusal()));
    } catch (KeysPendingException e) {
      exchange.setExamined(true); // it is looked at when it is complete and the keys are there
    }
    return exchange.decided() == null;
  }

  /** Sees to it that the request is answered, sooner or later. */
  void handle(Exchange exchange) {
    metrics.requests().increment();
    HttpError decided = exchange.decided();
    try {
      if (decided != null) {
        if (!exchange.isAdmitted()) {
          exchange.setAdmitted();
          origins.prepare(exchange); // a page is to read it, whoever decided it and when
        }
        refuse(exchange, decided);
        return;
      }
      admit(exchange);
      dispatch(exchange);
    } catch (Throwable e) {
      fail(exchange, e);
    }
  }

  private Caller callerOf(Exchange exchange) {
    return visitors.of(exchange, access.caller(credentials.of(exchange)));
  }

  /** Answers with what stands in the way. */
  void refuse(Exchange exchange, HttpError error) {
    metrics.refusedRequests().increment();
    error.limit().ifPresent(metrics::exceed);
    exchange.fail(error);
  }

  /**
   * The fields of the answer to what never became an exchange.
   *
   * @param headers those of the request; null if they couldn't be read
   */
  List<Header> fieldsOf(HttpError error, @Nullable HttpHeaders headers, boolean secure) {
    List<Header> fields = new ArrayList<>(error.headers());
    fields.add(new Header("Content-Type", "application/json"));
    fields.add(new Header("Cache-Control", "no-store"));
    fields.addAll(origins.fieldsOfRefusal(headers, secure));
    return fields;
  }

  /**
   * Answers with what went wrong: what the broker says, or 500 for a defect of ours. If even that
   * can't be done, the connection ends. Never throws.
   */
  void fail(Exchange exchange, Throwable cause) {
    try {
      answer(exchange, cause);
    } catch (Throwable e) {
      metrics.failures().contain(Failures.Place.REQUEST, e);
      exchange.abandon();
    }
  }

  private void answer(Exchange exchange, Throwable cause) {
    if (cause instanceof HttpError error) {
      refuse(exchange, error);
    } else if (cause instanceof RefusedException refused) {
      refuse(exchange, HttpError.of(refused.refusal()));
    } else if (cause instanceof BrokerUnavailableException unavailable) {
      refuse(exchange, HttpError.unavailable(unavailable));
    } else {
      metrics.internalErrors().increment();
      String trace =
          TraceFields.of(exchange.headers()).map(it -> ", trace " + it.traceId()).orElse("");
      metrics.failures().contain(Failures.Place.REQUEST, cause, trace);
      exchange.fail(
          new HttpError(
              HttpResponseStatus.INTERNAL_SERVER_ERROR, "The server failed; see its log"));
    }
  }

  /** What each request goes through, once. */
  private void admit(Exchange exchange) {
    if (exchange.isAdmitted()) {
      return;
    }
    exchange.setAdmitted();
    // First, since the Host is that of an absolute-form; told last, since a page is to read it.
    Optional<HttpError> problem = RequestTarget.resolve(exchange);
    boolean mayUse = origins.prepare(exchange);
    requireRate(exchange);
    countClient(exchange);
    if (problem.isPresent()) {
      throw problem.get();
    }
    hosts.check(exchange.headers());
    if (!mayUse) {
      throw origins.refusal(exchange);
    }
  }

  /** A request whose token can't be looked at yet begins here once more. */
  private void dispatch(Exchange exchange) {
    try {
      routePath(exchange);
    } catch (KeysPendingException e) {
      PendingAnswer.hold(exchange, "The keys for tokens don't arrive");
      hub.onLoop(
          exchange.eventLoop(),
          e.fetch(),
          done -> dispatchAgain(exchange),
          cause -> fail(exchange, cause));
    }
  }

  private void dispatchAgain(Exchange exchange) {
    if (exchange.isAnswered()) {
      return;
    }
    try {
      dispatch(exchange);
    } catch (Throwable e) {
      fail(exchange, e);
    }
  }

  private static String pathOf(Exchange exchange) {
    String target = exchange.target();
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /**
   * Refuses what {@link #routePath} would, as far as the head tells; says whether there is anything
   * to do with a body.
   */
  private boolean examinePath(Exchange exchange) {
    String path = pathOf(exchange);
    boolean isPost = exchange.method().equals("POST");
    if (exchange.method().equals("OPTIONS") || exchange.connectProtocol().isPresent()) {
      return false;
    } else if (PresenceHandler.owns(path)) {
      requireGet(exchange);
      return false;
    } else if (path.equals(CHANNELS) || path.startsWith(CHANNELS + "/")) {
      if (isPost) {
        publish.examine(exchange, path, publisherOf(exchange));
      } else if (!exchange.method().equals("GET") && !exchange.isHead()) {
        throw methodNotAllowed(EVERY_METHOD);
      }
      return isPost;
    } else if (path.equals("/publish")) {
      requireMethod(exchange, "POST");
      publish.examineBatch(exchange, publisherOf(exchange));
      return true;
    } else if (config.echoPath().filter(path::equals).isPresent()) {
      return false;
    } else if (path.startsWith("/health/") || path.equals("/metrics")) {
      requireGet(exchange);
      return false;
    } else if (admin.isPresent() && AdminHandler.owns(path)) {
      admin.get().examine(exchange, path, access.caller(CredentialFields.keyOf(exchange)));
      return isPost;
    }
    return application.examine(exchange, path);
  }

  private void routePath(Exchange exchange) {
    String path = pathOf(exchange);
    if (exchange.method().equals("OPTIONS")) {
      origins.respondToPreflight(exchange, allowed(path));
    } else if (PresenceHandler.owns(path)) {
      requireGet(exchange);
      Query.of(exchange.target()).require("Presence", List.of("token"));
      presence.handle(exchange, path, callerOf(exchange));
    } else if (path.equals(CHANNELS) || path.startsWith(CHANNELS + "/")) {
      routeChannels(exchange, path);
    } else if (path.equals("/publish")) {
      requireMethod(exchange, "POST");
      publish.handleBatch(exchange, publisherOf(exchange));
    } else if (config.echoPath().filter(path::equals).isPresent()) {
      requireNoParameters(exchange);
      upgrade.echo(exchange);
    } else if (path.startsWith("/health/")) {
      respondHealth(exchange, path);
    } else if (path.equals("/metrics")) {
      requireGet(exchange);
      requireNoParameters(exchange);
      requireMetricsReader(exchange);
      metricsPage.handle(exchange);
    } else if (admin.isPresent() && AdminHandler.owns(path)) {
      routeAdmin(exchange, path, admin.get());
    } else {
      application.handle(exchange, path);
    }
  }

  /** What a path takes; an application knows that of its own. */
  private static String allowed(String path) {
    if (path.equals("/publish")) {
      return "POST, OPTIONS";
    }
    boolean reads =
        PresenceHandler.owns(path) || path.startsWith("/health/") || path.equals("/metrics");
    return reads ? "GET, HEAD, OPTIONS" : EVERY_METHOD;
  }

  /** Where not everybody may do everything, the metrics are for the operator. */
  private void requireMetricsReader(Exchange exchange) {
    boolean isOpen =
        config.access().apiKey().isEmpty() && config.tokens().isEmpty() && config.hooks().isEmpty();
    if (isOpen || AdminAccess.isLocal(exchange)) {
      return;
    }
    Credentials credentials = CredentialFields.keyOf(exchange);
    if (!access.caller(credentials).hasKey()) {
      String rule = "Metrics are for the API key, and for requests from this machine";
      throw new RefusedException(
          credentials.bearer().isEmpty() ? Refusal.anonymous(rule) : Refusal.forbidden(rule));
    }
  }

  private void requireRate(Exchange exchange) {
    int wait = rates.take(exchange.remoteAddress().getAddress());
    if (wait > 0) {
      metrics.requestRatesExceeded().increment();
      throw HttpError.tooMany("Requests come faster than rates.requests-per-address", wait)
          .beyond(Limit.REQUESTS_PER_ADDRESS);
    }
  }

  /** What comes through a proxy counts as a connection of its own, as long as it lasts. */
  private void countClient(Exchange exchange) {
    Client client = exchange.client();
    if (!clients.isKnownByRequest(client)) {
      return; // the connection itself is counted
    }
    InetAddress address = client.address().getAddress();
    if (!perAddress.enter(address)) {
      metrics.connectionsRefused().increment();
      throw HttpError.unavailable("There are too many connections")
          .beyond(Limit.CONNECTIONS_PER_ADDRESS);
    }
    exchange.begin(new Visit(client.address(), () -> perAddress.leave(address)));
  }

  private void routeAdmin(Exchange exchange, String path, AdminHandler handler) {
    if (!handler.handleOpen(exchange, path)) {
      handler.handle(exchange, path, access.caller(CredentialFields.keyOf(exchange)));
    }
  }

  private Caller publisherOf(Exchange exchange) {
    Caller caller = callerOf(exchange);
    Query.of(exchange.target()).require("Publishing", List.of());
    return caller;
  }

  private static void requireNoParameters(Exchange exchange) {
    Query.of(exchange.target()).require("This path", List.of());
  }

  private void routeChannels(Exchange exchange, String path) {
    switch (exchange.method()) {
      case "GET", "HEAD" -> {
        Caller caller = callerOf(exchange);
        listen.handle(exchange, exchange.listenRequest(path, config), caller);
      }
      case "POST" -> publish.handle(exchange, path, publisherOf(exchange));
      default -> throw methodNotAllowed(EVERY_METHOD);
    }
  }

  static void respondText(Exchange exchange, String type, CharSequence text) {
    ByteBuf body = ByteBufUtil.writeUtf8(exchange.allocator(), text);
    exchange.respond(
        HttpResponseStatus.OK,
        List.of(new Header("Content-Type", type), new Header("Cache-Control", "no-store")),
        body);
  }

  private void respondHealth(Exchange exchange, String path) {
    requireGet(exchange);
    requireNoParameters(exchange);
    switch (path) {
      case "/health/live" -> requireAlive();
      case "/health/ready" -> requireReady();
      default -> throw nothingHere();
    }
    respondText(exchange, "text/plain", "ok\n");
  }

  /** This loop answers; what blocks another one leaves its connections without a word. */
  private void requireAlive() {
    long now = System.nanoTime();
    for (HubShard shard : hub.shards()) {
      if (shard.meters().isStuck(now)) {
        throw HttpError.unavailable("An event loop is blocked");
      }
    }
    if (!alive) {
      throw HttpError.unavailable("An event loop has ended");
    }
  }

  private void requireReady() {
    if (!ready) {
      throw HttpError.unavailable("The server drains");
    }
    if (!hub.broker().isAvailable()) {
      throw HttpError.unavailable("The broker can't be used now");
    }
  }

  static void requireGet(Exchange exchange) {
    if (!exchange.isHead() && !exchange.method().equals("GET")) {
      throw methodNotAllowed("GET, HEAD, OPTIONS");
    }
  }

  static void requireMethod(Exchange exchange, String method) {
    if (!exchange.method().equals(method)) {
      throw methodNotAllowed(method + ", OPTIONS");
    }
  }

  static HttpError nothingHere() {
    return new HttpError(HttpResponseStatus.NOT_FOUND, "There is nothing at this path");
  }

  static HttpError methodNotAllowed(String allowed) {
    return new HttpError(
        HttpResponseStatus.METHOD_NOT_ALLOWED,
        "This path takes " + allowed,
        new Header("Allow", allowed));
  }
}
