package dev.halley.cli;

import dev.halley.server.AdminMode;
import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.Rate;
import dev.halley.server.ServerConfig;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley check-config}: what {@code halley serve} would do with the same flags. */
final class CheckConfigCommand implements Command {
  private static final Set<Setting<?>> SECRETS =
      Set.of(Settings.API_KEY, Settings.JWT_SECRET, Settings.HOOKS_SECRET);

  private final Map<String, String> environment;
  private final Terminal terminal;

  CheckConfigCommand(Map<String, String> environment, Terminal terminal) {
    this.environment = environment;
    this.terminal = terminal;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("check-config");
    spec.usageMessage()
        .description("Explain what halley serve would do with the same flags, file and variables.")
        .synopsisHeading("Usage: ")
        .customSynopsis("halley check-config [--config FILE] [FLAGS]")
        .footer(
            "", "Ends with 2 where serve wouldn't take these settings, and says what to change.");
    return ServeCommand.addOptions(spec);
  }

  @Override
  public int run(ParseResult arguments) {
    ServeFlags flags = ServeCommand.flags(arguments);
    Configuration configuration =
        ConfigurationReader.read(flags.settings(), environment, flags.config());
    ServerConfig server = configuration.server();
    configuration.broker();
    try {
      AdminMode.requireSafe(server);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
    printSettings(configuration);
    print("");
    for (ChannelRules rules : ChannelPolicies.of(server).all()) {
      print(line(rules));
    }
    print("");
    AccessReport access = new AccessReport(server);
    print(access.summary());
    MemoryBounds memory = MemoryBounds.of(configuration);
    print(memory.summary());
    access.warnings().forEach(it -> print("WARNING: " + it));
    memory.warning().ifPresent(it -> print("WARNING: " + it));
    DescriptorLimit.warning(server.limits().connections()).ifPresent(it -> print("WARNING: " + it));
    terminal.out().flush();
    return 0;
  }

  private void printSettings(Configuration configuration) {
    int key = width(Setting::key);
    int value = width(it -> shown(configuration, it));
    String format = "%-" + key + "s  %-" + value + "s  %s";
    for (Setting<?> setting : Settings.all()) {
      print(
          String.format(
              Locale.ROOT,
              format,
              setting.key(),
              shown(configuration, setting),
              configuration.written(setting).origin()));
    }
  }

  private static int width(Function<Setting<?>, String> column) {
    return Settings.all().stream().mapToInt(it -> column.apply(it).length()).max().orElse(1);
  }

  private static String shown(Configuration configuration, Setting<?> setting) {
    String text = configuration.written(setting).text();
    if (text.isEmpty()) {
      return "none";
    }
    return SECRETS.contains(setting) ? "(not shown)" : text;
  }

  private static String line(ChannelRules rules) {
    return rules.pattern()
        + ": listening needs "
        + AccessReport.needed(rules.subscribe())
        + ", publishing needs "
        + AccessReport.needed(rules.publish())
        + rate(rules.perChannel(), " on each channel")
        + rate(rules.perConnection(), " by each WebSocket")
        + ", at most "
        + rules.payload()
        + " bytes each; overflow "
        + ValueType.name(rules.overflow())
        + (rules.presence() ? "; presence" : "");
  }

  private static String rate(Optional<Rate> rate, String of) {
    return rate.map(it -> ", " + it.count() + " in " + it.period().toSeconds() + " s" + of)
        .orElse("");
  }

  private void print(String line) {
    terminal.out().println(line);
  }
}
