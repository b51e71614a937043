package dev.halley.showcase;

import dev.halley.broker.Broker;
import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.ServerConfig;
import dev.halley.server.app.Application;
import dev.halley.showcase.chat.Chat;
import dev.halley.showcase.document.Documents;
import dev.halley.showcase.game.Game;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * All demos and their pages. Start it with a broker, hand {@link #application} to a server with the
 * same broker, and close it after that server.
 */
public final class Showcase implements AutoCloseable {
  private final ScheduledExecutorService timer;
  private final List<Demo> demos;

  private Showcase(ScheduledExecutorService timer, List<Demo> demos) {
    this.timer = timer;
    this.demos = List.copyOf(demos);
  }

  /**
   * What the demos may do with the process that they run in.
   *
   * @param keepsChat whether what is said in the chat outlives the process
   * @param restart begins a restart of the server; false if none can begin now
   * @param tapPage where a browser on this machine is shown what the demos say, if it is anywhere
   */
  public record Host(boolean keepsChat, BooleanSupplier restart, Supplier<Optional<URI>> tapPage) {}

  /**
   * Starts the demos. They publish to and read from this broker, which stays the caller's. See
   * {@link DemoServer} for all of it together.
   */
  public static Showcase start(Broker broker, Host host) {
    InstantSource clock = InstantSource.system();
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("halley-showcase").factory());
    Ticker ticker = Ticker.on(timer);
    return new Showcase(
        timer,
        List.of(
            new Measures(clock),
            new TapLink(host.tapPage()),
            new LabDemo(broker, clock, ticker),
            new QrDemo(broker, clock, new SecureRandom(), ticker),
            new GameDemo(Game.start(clock)),
            ChatDemo.start(new Chat(broker, steady(), host.keepsChat(), host.restart()), ticker),
            new DocumentDemo(new Documents(broker))));
  }

  /** Moments that are good for differences alone, for what lasts: nobody sets this clock. */
  private static InstantSource steady() {
    Instant start = Instant.now();
    long startNanos = System.nanoTime();
    return () -> start.plusNanos(System.nanoTime() - startNanos);
  }

  /**
   * Limits for a memory broker that nothing but the showcase uses: visitors may publish whatever
   * they like, so there is little to fill.
   */
  public static MemoryBroker.Config brokerLimits() {
    return MemoryBroker.Config.defaults()
        .withHistory(new HistoryLimits(1_000, 1 << 20, Duration.ofMinutes(30)))
        .withChannels(2_000)
        .withTotalBytes(32 << 20)
        .withIdle(Duration.ofMinutes(2));
  }

  /** A configuration of a server for the showcase: anybody may publish, but not much. */
  public static ServerConfig serverConfig(ServerConfig.Network network) {
    ServerConfig defaults = ServerConfig.defaults();
    ServerConfig.Limits usual = defaults.limits();
    ServerConfig.Limits limits =
        new ServerConfig.Limits(
            2_000,
            usual.connectionsPerAddress(),
            usual.connectionsPerUser(),
            usual.requestHead(),
            256 << 10,
            1 << 20,
            usual.echoMessage(),
            usual.channelsPerConnection(),
            usual.pollPublications(),
            usual.pollBytes(),
            1_000,
            usual.pendingBytes(),
            usual.pipelinedRequests(),
            usual.listeningBytes());
    return defaults.withNetwork(network).withLimits(limits);
  }

  /** The routes of all demos, and the pages. */
  public Application application() {
    Application.Builder routes = Application.builder();
    demos.forEach(demo -> demo.addRoutes(routes));
    return routes.files("/", Pages::open).build();
  }

  /** Ends all demos. */
  @Override
  public void close() {
    demos.forEach(Demo::close);
    timer.shutdown();
  }
}
