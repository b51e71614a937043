package dev.halley.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code halley serve}: runs a server until a signal ends it. */
final class ServeCommand implements Command {
  private final ServeJob job;

  ServeCommand(ServeJob job) {
    this.job = job;
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
    return addOptions(spec);
  }

  /** All that a server is told by flags. */
  static CommandSpec addOptions(CommandSpec spec) {
    spec.addOption(ClientFlags.text(ServeFlags.CONFIG, "FILE", "YAML file with settings."));
    for (Setting<?> setting : Settings.all()) {
      spec.addOption(option(setting));
    }
    return spec;
  }

  private static OptionSpec option(Setting<?> setting) {
    String given = setting.defaultText().isEmpty() ? "" : " [" + setting.defaultText() + "]";
    OptionSpec.Builder option =
        OptionSpec.builder(setting.flag())
            .type(String.class)
            .paramLabel(setting.type().label())
            .description(setting.description() + given);
    return (setting.type().equals(ValueType.SWITCH)
            ? option.arity("0..1").fallbackValue("true")
            : option)
        .build();
  }

  @Override
  public int run(ParseResult arguments) throws InterruptedException {
    return job.run(flags(arguments));
  }

  /** What was given of {@link #addOptions}. */
  static ServeFlags flags(ParseResult arguments) {
    Map<Setting<?>, String> settings = new HashMap<>();
    for (Setting<?> setting : Settings.all()) {
      String text = arguments.matchedOptionValue(setting.flag(), null);
      if (text != null) {
        settings.put(setting, text);
      }
    }
    return new ServeFlags(
        settings, Optional.ofNullable(arguments.matchedOptionValue(ServeFlags.CONFIG, null)));
  }
}
