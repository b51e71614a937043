package dev.halley.showcase;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.net.URI;

/** The showcase on a port of its own. */
record RunningShowcase(MemoryBroker broker, Showcase showcase, HalleyServer server)
    implements AutoCloseable {
  static RunningShowcase start() throws IOException {
    MemoryBroker broker = MemoryBroker.start(Showcase.brokerLimits());
    Showcase showcase = Showcase.start(broker);
    ServerConfig.Network any = new ServerConfig.Network("127.0.0.1", 0, ServerConfig.Io.NIO, 1);
    HalleyServer server =
        HalleyServer.start(Showcase.serverConfig(any), broker, showcase.application());
    return new RunningShowcase(broker, showcase, server);
  }

  /** {@code http://127.0.0.1:port} and the path. */
  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  @Override
  public void close() {
    server.close();
    showcase.close();
    broker.close();
  }
}
