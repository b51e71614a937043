package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code halley} command. */
final class Halley {
  private static final String LOG_FORMAT = "java.util.logging.SimpleFormatter.format";
  private static final String LOG_LINE = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n";
  private static final int HELP_WIDTH = 100;

  private final Terminal terminal;
  private final Map<String, Command> commands = new LinkedHashMap<>();

  /** A command that sees these environment variables and this terminal. */
  Halley(Map<String, String> environment, Terminal terminal) {
    this.terminal = terminal;
    Pause pause = Thread::sleep;
    commands.put("serve", new ServeCommand(environment, terminal));
    commands.put("publish", new PublishCommand(environment, terminal, pause));
    commands.put("subscribe", new SubscribeCommand(environment, terminal, pause));
    commands.put("train", new TrainCommand());
  }

  /** Runs the command line and ends the process: 0 done, 1 failed, 2 asked for wrongly. */
  public static void main(String[] arguments) {
    if (System.getProperty(LOG_FORMAT) == null) {
      System.setProperty(LOG_FORMAT, LOG_LINE);
    }
    Terminal terminal = Terminal.ofProcess();
    int exitCode = new Halley(System.getenv(), terminal).run(arguments);
    terminal.out().flush();
    System.exit(exitCode);
  }

  /** Runs one command line and returns the exit code. */
  int run(String... arguments) {
    return new CommandLine(spec())
        .setExpandAtFiles(false)
        .setOut(new PrintWriter(terminal.out(), true, UTF_8))
        .setErr(new PrintWriter(terminal.err(), true, UTF_8))
        .setExecutionStrategy(this::execute)
        .setParameterExceptionHandler((e, unused) -> fail(usageError(e)))
        .setExecutionExceptionHandler((e, line, parsed) -> fail(e))
        .execute(arguments);
  }

  private CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("halley").version("halley " + version());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .type(boolean.class)
            .arity("0")
            .description("Show the version.")
            .build());
    addHelp(spec);
    spec.usageMessage()
        .description("One channel, one URL, four ways to listen.")
        .footer("", "halley COMMAND --help tells what a command takes.");
    commands.forEach((name, command) -> spec.addSubcommand(name, addHelp(command.spec())));
    return spec;
  }

  private static CommandSpec addHelp(CommandSpec spec) {
    spec.usageMessage().width(HELP_WIDTH).sortOptions(false);
    return spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .type(boolean.class)
            .arity("0")
            .description("Show this help.")
            .build());
  }

  private static String version() {
    String version =
        Optional.ofNullable(Halley.class.getPackage().getImplementationVersion())
            .orElse("(development)");
    return version + " on Java " + Runtime.version();
  }

  private int execute(ParseResult parsed) {
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    if (!parsed.hasSubcommand()) {
      String names = String.join(", ", visible().toList());
      return fail(
          CommandException.usage("say what to do: " + names + " (halley --help tells more)"));
    }
    ParseResult chosen = parsed.subcommand();
    Command command = commands.get(chosen.commandSpec().name());
    if (command == null) {
      throw new IllegalStateException(chosen.commandSpec().name());
    }
    try {
      return command.run(chosen);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail(CommandException.failure("interrupted"));
    } catch (CommandException e) {
      return fail(e);
    }
  }

  private Stream<String> visible() {
    return commands.entrySet().stream()
        .filter(entry -> !entry.getValue().spec().usageMessage().hidden())
        .map(Map.Entry::getKey);
  }

  private int fail(Exception e) {
    if (e instanceof CommandException known) {
      terminal.err().println("halley: " + known.getMessage());
      return known.exitCode();
    }
    terminal.err().println("halley: this is a bug of halley's, please report it:");
    e.printStackTrace(terminal.err());
    return CommandException.FAILURE;
  }

  private CommandException usageError(ParameterException e) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    return CommandException.usage(
        switch (e) {
          case UnmatchedArgumentException unmatched -> unmatched(spec, unmatched);
          case OverwrittenOptionException twice ->
              twice.getOverwritten() instanceof OptionSpec option
                  ? option.longestName() + " is there twice"
                  : message(e);
          case MissingParameterException missing ->
              missing.getMissing().isEmpty()
                  ? message(e)
                  : missing(missing.getMissing().getFirst()) + see(spec);
          default -> message(e);
        });
  }

  private static String missing(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? option.longestName() + " wants a value: " + argument.paramLabel()
        : argument.paramLabel() + " is missing";
  }

  private static String message(ParameterException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong arguments");
  }

  private String unmatched(CommandSpec spec, UnmatchedArgumentException e) {
    String argument = e.getUnmatched().get(0);
    if (argument.startsWith("-") && argument.length() > 1) {
      String name = argument.split("=", 2)[0];
      Stream<String> names = spec.options().stream().flatMap(o -> Arrays.stream(o.names()));
      return "unknown flag " + name + Suggestion.of(name, names) + see(spec);
    }
    if (spec.parent() == null) {
      return "unknown command " + argument + Suggestion.of(argument, visible()) + see(spec);
    }
    return spec.name() + " doesn't take \"" + argument + "\"" + see(spec);
  }

  private static String see(CommandSpec spec) {
    return " (" + spec.qualifiedName() + " --help lists what there is)";
  }
}
