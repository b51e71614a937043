package dev.halley.cli;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Runs a server. Knows nothing of picocli, which takes longer to load than all else. */
final class ServeJob {
  private final Map<String, String> environment;
  private final Terminal terminal;

  ServeJob(Map<String, String> environment, Terminal terminal) {
    this.environment = environment;
    this.terminal = terminal;
  }

  /** Serves until a signal ends it. */
  int run(ServeFlags flags) throws InterruptedException {
    DeadThreads.endTheProcess();
    Running running = start(flags);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running), "halley-stop"));
    announce(running);
    WarmUp.begin();
    new CountDownLatch(1).await();
    return 0;
  }

  /** A server that accepts connections. */
  record Running(Configuration configuration, MemoryBroker broker, HalleyServer server)
      implements AutoCloseable {
    @Override
    public void close() {
      server.close();
      broker.close();
    }
  }

  /**
   * Starts what the flags, the environment and the file ask for.
   *
   * @throws CommandException with the line for the operator
   */
  Running start(ServeFlags flags) {
    Configuration configuration =
        ConfigurationReader.read(flags.settings(), environment, flags.config());
    LogFormatter.use(configuration.get(Settings.LOG_FORMAT));
    ServerConfig config = configuration.server();
    MemoryBroker broker = MemoryBroker.start(configuration.broker(), configuration.history());
    try {
      return new Running(configuration, broker, HalleyServer.start(config, broker));
    } catch (IOException e) {
      broker.close();
      throw BindFailure.explain(config.network(), e);
    } catch (IllegalArgumentException e) {
      broker.close();
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Says that it accepts, and what everybody may do. */
  void announce(Running running) {
    AccessReport access = new AccessReport(running.configuration().server());
    MemoryBounds memory = MemoryBounds.of(running.configuration());
    access.warnings().forEach(it -> terminal.err().println("WARNING: " + it));
    memory.warning().ifPresent(it -> terminal.err().println("WARNING: " + it));
    Optional<String> fingerprint = running.server().certificateFingerprint();
    String url =
        HttpUrls.of(fingerprint.isPresent() ? "https" : "http", running.server().address());
    fingerprint.ifPresent(it -> terminal.out().println("certificate SHA-256 " + it));
    terminal.out().println("listening on " + url + " after " + StartTime.elapsedMillis() + " ms");
    if (running.configuration().server().tokens().isPresent()
        || running.configuration().server().hooks().isPresent()) {
      terminal.out().println(access.summary());
    }
    terminal.out().println(memory.summary());
    terminal.out().flush();
    DescriptorLimit.warning(running.configuration().server().limits().connections())
        .ifPresent(it -> terminal.err().println("WARNING: " + it));
  }

  /** Ends the process with 0 instead of 143 or 130: to be stopped is what a server is for. */
  private static void stop(Running running) {
    LogShutdown.end(running::close);
  }
}
