package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.time.InstantSource;
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

/** The command line as picocli reads it: all commands, their help, and what is wrong with it. */
final class HalleyLine {
  private static final int HELP_WIDTH = 100;

  private final Terminal terminal;
  private final Map<String, Command> commands = new LinkedHashMap<>();

  /** A line that sees these environment variables and this terminal. */
  HalleyLine(Map<String, String> environment, Terminal terminal) {
    this.terminal = terminal;
    Pause pause = Thread::sleep;
    commands.put("serve", new ServeCommand(new ServeJob(environment, terminal)));
    commands.put("demo", new DemoCommand(terminal));
    commands.put("publish", new PublishCommand(environment, terminal, pause));
    commands.put("subscribe", new SubscribeCommand(environment, terminal, pause));
    commands.put("token", new TokenCommand(environment, terminal, InstantSource.system()));
    commands.put("check-config", new CheckConfigCommand(environment, terminal));
    commands.put("bench", new BenchCommand(environment, terminal));
    commands.put("tap", new TapCommand(environment, terminal));
  }

  /**
   * Runs one command line and returns the exit code.
   *
   * @throws CommandException with the line for the operator
   */
  int run(String... arguments) throws InterruptedException {
    CommandLine line =
        new CommandLine(spec())
            .setExpandAtFiles(false)
            .setOut(new PrintWriter(terminal.out(), true, UTF_8));
    ParseResult parsed;
    try {
      parsed = line.parseArgs(arguments);
    } catch (ParameterException e) {
      throw usageError(e);
    }
    Integer helped = CommandLine.executeHelpRequest(parsed);
    return helped == null ? execute(parsed) : helped;
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

  private int execute(ParseResult parsed) throws InterruptedException {
    if (!parsed.hasSubcommand()) {
      throw CommandException.usage(
          "say what to do: "
              + String.join(", ", commands.keySet())
              + " (halley --help tells more)");
    }
    ParseResult chosen = parsed.subcommand();
    Command command = commands.get(chosen.commandSpec().name());
    if (command == null) {
      throw new IllegalStateException(chosen.commandSpec().name());
    }
    return command.run(chosen);
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
      return "unknown command "
          + argument
          + Suggestion.of(argument, commands.keySet().stream())
          + see(spec);
    }
    return spec.name() + " doesn't take \"" + argument + "\"" + see(spec);
  }

  private static String see(CommandSpec spec) {
    return " (" + spec.qualifiedName() + " --help lists what there is)";
  }
}
