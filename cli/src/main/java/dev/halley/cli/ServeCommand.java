package dev.halley.cli;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley serve}: runs a server until a signal ends it. */
final class ServeCommand implements Command {
  private static final String CONFIG_FLAG = "--config";

  private final Map<String, String> environment;
  private final Terminal terminal;

  ServeCommand(Map<String, String> environment, Terminal terminal) {
    this.environment = environment;
    this.terminal = terminal;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("serve");
    spec.usageMessage()
        .description("Run a server until SIGTERM or SIGINT.")
        .synopsisHeading("Usage: ")
        .customSynopsis("halley serve [--config FILE] [FLAGS]")
        .footer(
            "",
            "A flag beats its environment variable (--limits-payload: HALLEY_LIMITS_PAYLOAD), which",
            "beats its key in the file (limits.payload), which beats the default.");
    spec.addOption(
        OptionSpec.builder(CONFIG_FLAG)
            .type(String.class)
            .paramLabel("FILE")
            .description("YAML file with settings.")
            .build());
    for (Setting<?> setting : Settings.all()) {
      spec.addOption(option(setting));
    }
    return spec;
  }

  private static OptionSpec option(Setting<?> setting) {
    String given = setting.defaultText().isEmpty() ? "" : " [" + setting.defaultText() + "]";
    return OptionSpec.builder(setting.flag())
        .type(String.class)
        .paramLabel(setting.type().label())
        .description(setting.description() + given)
        .build();
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    Running running = start(arguments);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running), "halley-stop"));
    announce(running);
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
  Running start(ParseResult arguments) {
    Configuration configuration = configuration(arguments);
    ServerConfig config = configuration.server();
    MemoryBroker broker = MemoryBroker.start(configuration.broker());
    try {
      return new Running(configuration, broker, HalleyServer.start(config, broker));
    } catch (IOException e) {
      broker.close();
      throw BindFailure.explain(configuration, e);
    } catch (IllegalArgumentException e) {
      broker.close();
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private Configuration configuration(ParseResult arguments) {
    Map<Setting<?>, String> flags = new HashMap<>();
    for (Setting<?> setting : Settings.all()) {
      String text = arguments.matchedOptionValue(setting.flag(), null);
      if (text != null) {
        flags.put(setting, text);
      }
    }
    Optional<String> file = Optional.ofNullable(arguments.matchedOptionValue(CONFIG_FLAG, null));
    return ConfigurationReader.read(flags, environment, file);
  }

  /** Says that it accepts, and what everybody may do. */
  void announce(Running running) {
    if (running.configuration().get(Settings.API_KEY).isEmpty()) {
      terminal
          .err()
          .println(
              "WARNING: no API key is set: anybody who can reach this port may publish. "
                  + "Set one with HALLEY_API_KEY or api-key in the --config file.");
    }
    String url = HttpUrls.of(running.server().address());
    terminal.out().println("listening on " + url + " after " + StartTime.elapsedMillis() + " ms");
    terminal.out().flush();
  }

  /** Ends the process with 0 instead of 143 or 130: to be stopped is what a server is for. */
  private static void stop(Running running) {
    running.close();
    Runtime.getRuntime().halt(0);
  }
}
