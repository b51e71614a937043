package dev.halley.cli;

import dev.halley.server.ChannelPolicy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the value of every setting: a flag beats an environment variable, which beats the file,
 * which beats the default. What is written anywhere is checked, even where it is beaten.
 */
final class ConfigurationReader {
  /** The environment variable that names the file if no flag does. */
  static final String CONFIG_VARIABLE = "HALLEY_CONFIG";

  private static final String PREFIX = "HALLEY_";

  /** Variables that mean something to the launcher or to the clients. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of(
          CONFIG_VARIABLE,
          "HALLEY_CACHE_DIR",
          "HALLEY_JAVA_OPTS",
          "HALLEY_URL",
          ClientFlags.TOKEN_VARIABLE);

  private final Map<Setting<?>, Object> values = new HashMap<>();
  private final Map<Setting<?>, Configuration.Written> written = new HashMap<>();

  private ConfigurationReader() {}

  /**
   * Reads all sources.
   *
   * @param flags the texts of the flags that were given, by setting
   * @param environment all environment variables
   * @param configFlag the file that a flag names
   * @throws CommandException with the line for the operator
   */
  static Configuration read(
      Map<Setting<?>, String> flags, Map<String, String> environment, Optional<String> configFlag) {
    ConfigurationReader reader = new ConfigurationReader();
    for (Setting<?> setting : Settings.all()) {
      reader.values.put(setting, setting.type().parse(setting.defaultText()));
    }
    List<ChannelPolicy> policies =
        configFlag
            .or(() -> Optional.ofNullable(environment.get(CONFIG_VARIABLE)))
            .map(reader::putFile)
            .orElse(List.of());
    reader.putEnvironment(environment);
    flags.forEach((setting, text) -> reader.put(setting, text, setting.flag()));
    return new Configuration(reader.values, reader.written, policies);
  }

  private List<ChannelPolicy> putFile(String file) {
    YamlFile.Content content = YamlFile.read(Path.of(file));
    for (Map.Entry<String, String> entry : content.entries().entrySet()) {
      String key = entry.getKey();
      Setting<?> setting =
          find(key)
              .orElseThrow(
                  () ->
                      CommandException.usage(
                          file
                              + ": unknown key "
                              + key
                              + Suggestion.of(key, Settings.all().stream().map(Setting::key))));
      put(setting, entry.getValue(), file + ": " + key);
    }
    return PolicyReader.read(file, content.policies());
  }

  private void putEnvironment(Map<String, String> environment) {
    for (String name : new TreeSet<>(environment.keySet())) {
      if (!name.startsWith(PREFIX) || OTHER_VARIABLES.contains(name)) {
        continue;
      }
      Setting<?> setting =
          Settings.all().stream()
              .filter(candidate -> candidate.variable().equals(name))
              .findFirst()
              .orElseThrow(() -> unknownVariable(name));
      put(setting, environment.getOrDefault(name, ""), name);
    }
  }

  private static CommandException unknownVariable(String name) {
    return CommandException.usage(
        "unknown environment variable "
            + name
            + Suggestion.of(name, Settings.all().stream().map(Setting::variable)));
  }

  private void put(Setting<?> setting, String text, String origin) {
    if (text.isBlank()) {
      throw CommandException.usage(origin + " is empty: give it a value or leave it out");
    }
    try {
      values.put(setting, setting.type().parse(text.strip()));
      written.put(setting, new Configuration.Written(text.strip(), origin));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(origin + ": " + e.getMessage());
    }
  }

  private static Optional<Setting<?>> find(String key) {
    List<Setting<?>> all = Settings.all();
    for (Setting<?> setting : all) {
      if (setting.key().equals(key)) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }
}
