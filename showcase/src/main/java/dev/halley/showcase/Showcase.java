package dev.halley.showcase;

import dev.halley.broker.Broker;
import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.app.Application;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * All demos and their pages. Start it with a broker, hand {@link #application} to a server with the
 * same broker, and close it after that server.
 */
public final class Showcase implements AutoCloseable {
  private final List<Demo> demos;

  private Showcase(List<Demo> demos) {
    this.demos = List.copyOf(demos);
  }

  /** Starts the demos. They publish to and read from this broker, which stays the caller's. */
  public static Showcase start(Broker broker) {
    InstantSource clock = InstantSource.system();
    return new Showcase(List.of(new Measures(clock)));
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
  }
}
