package dev.halley.showcase;

import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The showcase on a port of its own. */
record RunningShowcase(DemoServer demo) implements AutoCloseable {
  static RunningShowcase start() throws IOException {
    return start(Showcase.brokerLimits(), 0, Optional.empty());
  }

  /** One whose logs keep no more than so many publications. */
  static RunningShowcase startWithHistory(int publications) throws IOException {
    HistoryLimits usual = Showcase.brokerLimits().history();
    HistoryLimits limits = new HistoryLimits(publications, usual.bytes(), usual.age());
    return start(Showcase.brokerLimits().withHistory(limits), 0, Optional.empty());
  }

  static RunningShowcase start(MemoryBroker.Config limits, int port, Optional<Path> data)
      throws IOException {
    return start(limits, port, data, Optional::empty);
  }

  /** One that somebody looks on at. */
  static RunningShowcase startTapped(Supplier<Optional<URI>> tapPage) throws IOException {
    return start(Showcase.brokerLimits(), 0, Optional.empty(), tapPage);
  }

  private static RunningShowcase start(
      MemoryBroker.Config limits, int port, Optional<Path> data, Supplier<Optional<URI>> tapPage)
      throws IOException {
    ServerConfig.Network any = new ServerConfig.Network("127.0.0.1", port, ServerConfig.Io.NIO, 1);
    ServerConfig config = Showcase.serverConfig(any);
    ServerConfig.Access access = config.access();
    // The name by which a test's phone calls it.
    config =
        config.withAccess(
            new ServerConfig.Access(
                access.apiKey(), access.allowedOrigins(), List.of("demo.test")));
    return new RunningShowcase(DemoServer.start(config, limits, data, tapPage));
  }

  /** {@code http://127.0.0.1:port} and the path. */
  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + demo.address().getPort() + path);
  }

  @Override
  public void close() {
    demo.close();
  }
}
