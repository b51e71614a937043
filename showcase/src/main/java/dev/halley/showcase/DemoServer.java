package dev.halley.showcase;

import dev.halley.broker.Broker;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import dev.halley.server.app.Application;
import dev.halley.showcase.chat.ArchivingBroker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All that {@code halley demo} runs in one process: the broker, the demos, the server. */
public final class DemoServer implements AutoCloseable {
  /** Long enough for the answer to whoever asked for the restart. */
  private static final Duration NOTICE = Duration.ofMillis(250);

  private static final Duration PAUSE = Duration.ofSeconds(3);

  private final Broker broker;
  private final Showcase showcase;
  private final RestartingServer server;

  private DemoServer(Broker broker, Showcase showcase, RestartingServer server) {
    this.broker = broker;
    this.showcase = showcase;
    this.server = server;
  }

  /**
   * Starts all of it; when this returns it accepts connections.
   *
   * @param limits of the broker; {@link Showcase#brokerLimits} suits
   * @param data a directory where the chat is kept, so that it outlives the process; without one it
   *     is in memory like all else
   * @param tapPage where a browser on this machine is shown what the demos say, if it is anywhere;
   *     asked each time that a page wants to know
   * @throws DataException if it can't use the directory
   * @throws IOException if it can't listen
   * @throws IllegalArgumentException if the configuration asks for I/O that this machine lacks
   */
  public static DemoServer start(
      ServerConfig config,
      MemoryBroker.Config limits,
      Optional<Path> data,
      Supplier<Optional<URI>> tapPage)
      throws IOException {
    Broker broker = openBroker(limits, data);
    AtomicReference<@Nullable RestartingServer> server = new AtomicReference<>();
    Showcase showcase =
        Showcase.start(
            broker, new Showcase.Host(data.isPresent(), () -> restart(server.get()), tapPage));
    Application application = showcase.application();
    try {
      RestartingServer started =
          RestartingServer.start(
              port -> listen(config, port, broker, application), config.network().port());
      server.set(started);
      return new DemoServer(broker, showcase, started);
    } catch (IOException | IllegalArgumentException e) {
      showcase.close();
      broker.close();
      throw e;
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.address();
  }

  /** Drains and stops all of it. Blocks until then. */
  @Override
  public void close() {
    server.close();
    showcase.close();
    broker.close();
  }

  private static Broker openBroker(MemoryBroker.Config limits, Optional<Path> data)
      throws IOException {
    Broker memory = MemoryBroker.start(limits);
    if (data.isEmpty()) {
      return memory;
    }
    try {
      return ArchivingBroker.open(memory, data.get().resolve("chat.log"));
    } catch (IOException e) {
      memory.close();
      throw new DataException("can't keep the chat in " + data.get() + ": " + reason(e), e);
    }
  }

  /** The JDK names only the path in some of its messages. */
  private static String reason(IOException e) {
    return switch (e) {
      case FileAlreadyExistsException exists -> "it is no directory";
      case AccessDeniedException denied -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** A request may come before the server is known here; then there is nothing to restart yet. */
  private static boolean restart(@Nullable RestartingServer server) {
    return server != null && server.restart(NOTICE, PAUSE);
  }

  private static RestartingServer.Started listen(
      ServerConfig config, int port, Broker broker, Application application) throws IOException {
    ServerConfig.Network network = config.network();
    ServerConfig.Network here =
        new ServerConfig.Network(network.host(), port, network.io(), network.threads());
    return new Listening(HalleyServer.start(config.withNetwork(here), broker, application));
  }

  private record Listening(HalleyServer server) implements RestartingServer.Started {
    @Override
    public InetSocketAddress address() {
      return server.address();
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
