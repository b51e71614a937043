package dev.halley.cli;

import dev.halley.server.HooksConfig;
import java.net.URI;
import java.util.Optional;

/** What the settings say of web hooks. */
final class HookSettings {
  private HookSettings() {}

  /**
   * What the server is told of web hooks, if there are any.
   *
   * @throws IllegalArgumentException if the settings don't fit together
   */
  static Optional<HooksConfig> read(Configuration configuration) {
    Optional<String> url = configuration.get(Settings.HOOKS_URL);
    if (url.isEmpty() && configuration.get(Settings.HOOKS_SECRET).isPresent()) {
      throw new IllegalArgumentException("hooks.secret is of use with hooks.url");
    }
    return url.map(it -> read(configuration, URI.create(it)));
  }

  private static HooksConfig read(Configuration configuration, URI url) {
    return new HooksConfig(
        url,
        configuration.get(Settings.HOOKS_PLAIN_HTTP),
        configuration.get(Settings.HOOKS_EVENTS),
        configuration.get(Settings.HOOKS_HEADERS),
        configuration.get(Settings.HOOKS_SECRET),
        new HooksConfig.Tries(
            configuration.get(Settings.HOOKS_TIMEOUT), configuration.get(Settings.HOOKS_RETRIES)),
        new HooksConfig.Bounds(
            configuration.get(Settings.HOOKS_IN_FLIGHT),
            configuration.get(Settings.HOOKS_WAITING),
            configuration.get(Settings.HOOKS_CACHE)),
        new HooksConfig.Circuit(
            configuration.get(Settings.HOOKS_CIRCUIT_FAILURES),
            configuration.get(Settings.HOOKS_CIRCUIT_PAUSE)));
  }
}
