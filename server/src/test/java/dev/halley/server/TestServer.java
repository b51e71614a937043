package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Broker;
import dev.halley.broker.Cursor;
import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.server.ServerConfig.Compression;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import dev.halley.server.ServerConfig.Timing;
import dev.halley.server.access.Clocks;
import dev.halley.server.app.Application;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A server with a memory broker on a port of the system's choice. */
final class TestServer implements AutoCloseable {
  /** How long a test waits for what must come. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A thread for each task, for tasks that block. */
  static final Executor THREADS =
      Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

  static final String HOST = "127.0.0.1";

  private static final long PAUSE_NANOS = 1_000_000;

  private final ServerConfig config;
  private final MemoryBroker.Config brokerConfig;
  private final Application application;
  private MemoryBroker broker;
  private boolean ownsBroker;
  private HalleyServer server;

  private Optional<InetSocketAddress> front = Optional.empty();

  private TestServer(ServerConfig config, MemoryBroker.Config brokerConfig, Application application)
      throws IOException {
    this(
        config,
        brokerConfig,
        application,
        MemoryBroker.start(brokerConfig),
        InstantSource.system());
    ownsBroker = true;
  }

  private TestServer(
      ServerConfig config,
      MemoryBroker.Config brokerConfig,
      Application application,
      MemoryBroker broker,
      InstantSource clock)
      throws IOException {
    this(config, brokerConfig, application, broker, broker, clock);
  }

  private TestServer(
      ServerConfig config,
      MemoryBroker.Config brokerConfig,
      Application application,
      MemoryBroker broker,
      Broker seen,
      InstantSource clock)
      throws IOException {
    this(config, brokerConfig, application, broker, seen, Clocks.of(clock));
  }

  private TestServer(
      ServerConfig config,
      MemoryBroker.Config brokerConfig,
      Application application,
      MemoryBroker broker,
      Broker seen,
      Clocks clocks)
      throws IOException {
    this.config = config;
    this.brokerConfig = brokerConfig;
    this.application = application;
    this.broker = broker;
    this.server = HalleyServer.start(config, seen, application, clocks);
  }

  private TestServer(
      ServerConfig config,
      MemoryBroker.Config brokerConfig,
      MemoryBroker broker,
      ByteBufAllocator allocator)
      throws IOException {
    this.config = config;
    this.brokerConfig = brokerConfig;
    this.application = Application.none();
    this.broker = broker;
    this.server = HalleyServer.start(config, broker, application, Clocks.system(), allocator);
  }

  static TestServer start() throws IOException {
    return start(config());
  }

  static TestServer start(ServerConfig config) throws IOException {
    return start(config, Application.none());
  }

  static TestServer start(ServerConfig config, Application application) throws IOException {
    return new TestServer(config, MemoryBroker.Config.defaults(), application);
  }

  /** A server whose tokens expire by such a clock. */
  static TestServer start(ServerConfig config, InstantSource clock) throws IOException {
    MemoryBroker.Config broker = MemoryBroker.Config.defaults();
    TestServer server =
        new TestServer(config, broker, Application.none(), MemoryBroker.start(broker), clock);
    server.ownsBroker = true;
    return server;
  }

  /** A server whose time of day may be set. */
  static TestServer start(ServerConfig config, Clocks clocks) throws IOException {
    MemoryBroker.Config brokerConfig = MemoryBroker.Config.defaults();
    MemoryBroker broker = MemoryBroker.start(brokerConfig);
    TestServer server =
        new TestServer(config, brokerConfig, Application.none(), broker, broker, clocks);
    server.ownsBroker = true;
    return server;
  }

  /** A server with such a source of its buffers. */
  static TestServer start(ServerConfig config, ByteBufAllocator allocator) throws IOException {
    MemoryBroker.Config broker = MemoryBroker.Config.defaults();
    TestServer server = new TestServer(config, broker, MemoryBroker.start(broker), allocator);
    server.ownsBroker = true;
    return server;
  }

  /** A server that sees its broker through another one. */
  static TestServer start(
      ServerConfig config, MemoryBroker.Config brokerConfig, UnaryOperator<Broker> seenAs)
      throws IOException {
    return start(config, brokerConfig, seenAs, InstantSource.system());
  }

  static TestServer start(
      ServerConfig config,
      MemoryBroker.Config brokerConfig,
      UnaryOperator<Broker> seenAs,
      InstantSource clock)
      throws IOException {
    MemoryBroker broker = MemoryBroker.start(brokerConfig);
    TestServer server =
        new TestServer(
            config, brokerConfig, Application.none(), broker, seenAs.apply(broker), clock);
    server.ownsBroker = true;
    return server;
  }

  /** A server whose channels keep at most so many publications and as many bytes as it takes. */
  static TestServer keeping(int publications) throws IOException {
    return keeping(publications, config());
  }

  static TestServer keeping(int publications, ServerConfig config) throws IOException {
    return new TestServer(
        config,
        MemoryBroker.Config.defaults()
            .withHistory(new HistoryLimits(publications, 512L << 20, Duration.ofHours(1)))
            .withTotalBytes(1L << 30),
        Application.none());
  }

  /**
   * The defaults on two event loops and any port, with a short drain, and compression of whatever
   * becomes smaller.
   */
  static ServerConfig config() {
    ServerConfig defaults = ServerConfig.defaults();
    Timing timing = defaults.timing();
    return defaults
        .withNetwork(new Network(HOST, 0, Io.AUTO, 2))
        .withCompression(new Compression(6, 1))
        .withTiming(
            new Timing(
                timing.handshake(),
                timing.keepAlive(),
                timing.maxWait(),
                timing.heartbeat(),
                timing.silence(),
                Duration.ofSeconds(2)));
  }

  /** Ends the server and its broker and starts others, with the same settings on the same port. */
  void restart() throws IOException {
    int port = server.address().getPort();
    close();
    broker = MemoryBroker.start(brokerConfig);
    start(port);
  }

  /** Another server on the same broker, which stays this one's. */
  TestServer another() throws IOException {
    return new TestServer(config, brokerConfig, application, broker, InstantSource.system());
  }

  /** Ends the server and starts another, on the same port and the same broker. */
  void restartServer() throws IOException {
    int port = server.address().getPort();
    server.close();
    start(port);
  }

  private void start(int port) throws IOException {
    Network network = config.network();
    server =
        HalleyServer.start(
            config.withNetwork(new Network(network.host(), port, network.io(), network.threads())),
            broker,
            application);
  }

  /** Publishes past HTTP. */
  StreamPosition publish(String channel, Payload payload) {
    return broker.publish(channel, payload, Optional.empty()).toCompletableFuture().join();
  }

  /** Where the next publication follows, past HTTP. */
  StreamPosition head(String channel) {
    return broker
        .history(channel, new Cursor.Latest(), new ReadLimit(1, 1))
        .toCompletableFuture()
        .join()
        .position();
  }

  StreamPosition publish(String channel, String text) {
    return publish(channel, Payload.text(text));
  }

  HalleyServer server() {
    return server;
  }

  ServerMetrics metrics() {
    return server.metrics();
  }

  InetSocketAddress address() {
    return front.orElseGet(server::address);
  }

  /** From here on clients reach it by TLS at a port of a proxy. */
  void goBehind(int port) {
    front = Optional.of(new InetSocketAddress(server.address().getAddress(), port));
  }

  /** What the {@code Host} header field says. */
  String authority() {
    return HOST + ":" + address().getPort();
  }

  boolean isSecure() {
    return front.isPresent() || !(config.tls() instanceof Tls.Off);
  }

  URI uri(String target) {
    return URI.create((isSecure() ? "https://" : "http://") + authority() + target);
  }

  /** Waits until it holds, and fails if it doesn't in time. */
  static void await(Callable<Boolean> condition) throws Exception {
    await(condition, holds -> holds);
  }

  /** Asks until the answer is as wanted, and fails with the last one if it isn't in time. */
  static <T> T await(Callable<T> question, Predicate<T> wanted) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    T answer = question.call();
    while (!wanted.test(answer)) {
      assertThat(System.nanoTime() - deadline)
          .as("nanoseconds beyond patience, with the answer %s", answer)
          .isNegative();
      // Nobody tells when it changes.
      LockSupport.parkNanos(PAUSE_NANOS);
      answer = question.call();
    }
    return answer;
  }

  @Override
  public void close() {
    server.close();
    if (ownsBroker) {
      broker.close();
    }
  }
}
