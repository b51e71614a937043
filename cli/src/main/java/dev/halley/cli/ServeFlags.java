package dev.halley.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The flags that {@code halley serve} was given.
 *
 * @param settings the text of each setting's flag
 * @param config the file that a flag names
 */
record ServeFlags(Map<Setting<?>, String> settings, Optional<String> config) {
  static final String CONFIG = "--config";

  /** Takes a copy of the map. */
  ServeFlags {
    settings = Map.copyOf(settings);
  }

  /**
   * Reads a command line of nothing but known flags with one value each. Any other is left to
   * picocli, which explains and helps: to load it takes longer than to start a server.
   *
   * @param arguments all that follows {@code halley}
   */
  static Optional<ServeFlags> readPlain(String... arguments) {
    if (arguments.length == 0 || !arguments[0].equals("serve")) {
      return Optional.empty();
    }
    Map<String, String> texts = new HashMap<>();
    for (int i = 1; i < arguments.length; i++) {
      int equals = arguments[i].indexOf('=');
      boolean joined = equals >= 0;
      String name = joined ? arguments[i].substring(0, equals) : arguments[i];
      if (!joined && ++i == arguments.length) {
        return Optional.empty();
      }
      String text = joined ? arguments[i].substring(equals + 1) : arguments[i];
      if (text.startsWith("-") || texts.putIfAbsent(name, text) != null) {
        return Optional.empty();
      }
    }
    Optional<String> config = Optional.ofNullable(texts.remove(CONFIG));
    Map<Setting<?>, String> settings = new HashMap<>();
    for (Setting<?> setting : Settings.all()) {
      String text = texts.remove(setting.flag());
      if (text != null) {
        settings.put(setting, text);
      }
    }
    return texts.isEmpty() ? Optional.of(new ServeFlags(settings, config)) : Optional.empty();
  }
}
