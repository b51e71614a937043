package dev.halley.server;

import dev.halley.broker.Broker;
import dev.halley.server.access.AccessControl;
import dev.halley.server.access.Clocks;
import dev.halley.server.app.Application;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.hook.Admission;
import dev.halley.server.http.HttpFront;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.ListeningMemory;
import dev.halley.server.hub.PublishRates;
import dev.halley.server.tls.Certificates;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A running push server. */
public final class HalleyServer implements AutoCloseable {
  private static final int ACCEPT_BACKLOG = 4096;
  private static final long QUIET_MILLIS = 100;

  private final ServerConfig config;
  private final ServerMetrics metrics;
  private final HttpFront front;
  private final Hub hub;
  private final Admission admission;
  private final Optional<Certificates> certificates;
  private final EventLoopGroup loops;
  private final Channel listener;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CompletableFuture<Throwable> broken = new CompletableFuture<>();

  private HalleyServer(
      ServerConfig config,
      ServerMetrics metrics,
      HttpFront front,
      Hub hub,
      Admission admission,
      Optional<Certificates> certificates,
      EventLoopGroup loops,
      Channel listener) {
    this.config = config;
    this.metrics = metrics;
    this.front = front;
    this.hub = hub;
    this.admission = admission;
    this.certificates = certificates;
    this.loops = loops;
    this.listener = listener;
  }

  /**
   * As {@link #start(ServerConfig, Broker, Application)}, with nothing but the server's own paths.
   */
  public static HalleyServer start(ServerConfig config, Broker broker) throws IOException {
    return start(config, broker, Application.none());
  }

  /**
   * Starts a server; when this returns it accepts connections. The broker stays the caller's to
   * close, after the server.
   *
   * @param application answers the paths that aren't the server's own
   * @throws IOException if it can't listen, or can't use its certificate; the message says why
   * @throws IllegalArgumentException if the configuration asks for I/O that this machine lacks, or
   *     for presence that the broker doesn't keep
   */
  public static HalleyServer start(ServerConfig config, Broker broker, Application application)
      throws IOException {
    return start(config, broker, application, Clocks.system());
  }

  /** With a clock by which tokens expire and everything else that has an end ends. */
  static HalleyServer start(
      ServerConfig config, Broker broker, Application application, InstantSource clock)
      throws IOException {
    return start(config, broker, application, Clocks.of(clock));
  }

  static HalleyServer start(
      ServerConfig config, Broker broker, Application application, Clocks clocks)
      throws IOException {
    return start(config, broker, application, clocks, PooledByteBufAllocator.DEFAULT);
  }

  /** With a source of all buffers, too. */
  static HalleyServer start(
      ServerConfig config,
      Broker broker,
      Application application,
      Clocks clocks,
      ByteBufAllocator allocator)
      throws IOException {
    AdminMode.requireSafe(config);
    ChannelPolicies policies = ChannelPolicies.of(config);
    if (policies.hasPresence() && broker.presence().isEmpty()) {
      throw new IllegalArgumentException("a policy wants presence, which this broker doesn't keep");
    }
    ServerMetrics metrics = new ServerMetrics();
    Optional<Certificates> certificates = certificates(config, metrics);
    Transport transport = Transport.of(config.network().io());
    ContainedLoops loops = transport.newLoops(config.network().threads(), metrics.failures());
    Hub hub =
        new Hub(
            broker,
            policies,
            config.presence(),
            PublishRates.of(config),
            new ListeningMemory(config.limits().listeningBytes(), metrics),
            new Arrivals(config, metrics),
            allocator,
            metrics.failures(),
            loops);
    AccessControl access = new AccessControl(config, metrics, clocks);
    Admission admission = new Admission(config, access, clocks);
    HttpFront front = new HttpFront(config, hub, metrics, application, admission, certificates);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .handler(new Accepting(metrics.failures()))
            .childHandler(front);
    transport.askIdlePeers(bootstrap, config.timing().silence());
    InetSocketAddress address =
        new InetSocketAddress(config.network().host(), config.network().port());
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      certificates.ifPresent(Certificates::close);
      admission.close();
      throw new IOException(
          "can't listen on " + config.network().host() + " port " + config.network().port(),
          bound.cause());
    }
    HalleyServer server =
        new HalleyServer(
            config, metrics, front, hub, admission, certificates, loops, bound.channel());
    loops.onEnd(server::breakDown);
    return server;
  }

  private static Optional<Certificates> certificates(ServerConfig config, ServerMetrics metrics)
      throws IOException {
    // No switch over types here: the first one that runs makes a class, which delays the start.
    if (config.tls() instanceof Tls.Off) {
      return Optional.empty();
    }
    return Optional.of(
        config.tls() instanceof Tls.Files files
            ? Certificates.watching(files, metrics)
            : Certificates.selfSigned(config.network().host()));
  }

  /** Where it listens, with the port that was chosen if 0 was asked for. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** How many publications it has taken by requests and WebSockets. */
  public long publications() {
    return hub.publications();
  }

  /** SHA-256 of the certificate that it shows now, if it speaks TLS. */
  public Optional<String> certificateFingerprint() {
    return certificates.map(Certificates::fingerprint);
  }

  /**
   * Completes, with what ended it, when an event loop has ended although nobody closed the server:
   * memory has run out for seconds on end, for instance. The loop's connections are closed, no more
   * are accepted, and {@code /health/live} says 503. The server is of no use then; whoever runs it
   * closes it, or better ends the process, so that what watches over it starts another. The
   * thread's uncaught exception handler is told, too. Completes on the thread of that loop.
   */
  public CompletionStage<Throwable> broken() {
    return broken.minimalCompletionStage();
  }

  /** On the loop's thread. */
  void breakDown(EventLoop loop, Throwable cause) {
    if (closed.get()) {
      return;
    }
    try {
      front.notAlive();
      listener.close();
      hub.shard(loop).abortAll();
    } finally {
      broken.complete(cause);
    }
  }

  /** What it has counted of what is rare; {@code /metrics} has all. */
  public ServerMetrics metrics() {
    return metrics;
  }

  /**
   * Drains and stops: says that it isn't ready, for as long as is to be announced; accepts no more;
   * answers parked polls with what they have, ends event streams with a comment and WebSockets with
   * 1001, each at a moment of its own; and leaves when all have gone or the drain time is over.
   * Blocks until then; a thread that is interrupted waits no longer, and what is still connected is
   * cut. A second close does nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Duration longest = config.timing().drain();
    certificates.ifPresent(Certificates::close);
    front.notReady();
    announce(config.drain().announce());
    listener.close().awaitUninterruptibly();
    hub.drain(config.drain().spread(front.connections(), longest));
    front.awaitEmpty(longest);
    sayWhoIsCut(front.connections());
    endLoops(longest);
    front.close();
    admission.close();
  }

  /** How many there are now. */
  int connections() {
    return front.connections();
  }

  EventLoopGroup loops() {
    return loops;
  }

  private void sayWhoIsCut(int connections) {
    if (connections > 0) {
      metrics.exceeded(Limit.DRAIN_TIMEOUT).add(connections);
      // Not kept: the first logger that is asked for looks for a logging system in each jar.
      System.getLogger(HalleyServer.class.getName())
          .log(
              Level.WARNING,
              "{0} connections are cut: they haven''t left within drain-timeout",
              connections);
    }
  }

  /**
   * With no quiet period, a loop that learns of its end while it runs tasks ends without closing
   * what is still registered with it; with one, and a task just run, it first goes round once more.
   */
  private void endLoops(Duration longest) {
    long quiet = front.connections() == 0 ? 0 : QUIET_MILLIS;
    loops.forEach(HalleyServer::wake);
    loops
        .shutdownGracefully(quiet, Math.max(quiet, longest.toMillis()), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
  }

  private static void wake(EventExecutor loop) {
    try {
      loop.execute(() -> {});
    } catch (RejectedExecutionException e) {
      // It has ended already.
    }
  }

  /** Whoever looks at {@code /health/ready} sees it meanwhile, and everything else goes on. */
  private static void announce(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
