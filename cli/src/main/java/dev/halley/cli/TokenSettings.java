package dev.halley.cli;

import dev.halley.server.TokenConfig;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the settings say of JSON Web Tokens. */
final class TokenSettings {
  private static final List<Setting<Optional<String>>> DETAILS =
      List.of(Settings.JWT_ISSUER, Settings.JWT_AUDIENCE);

  private TokenSettings() {}

  /**
   * What the server is told of tokens, if there are any.
   *
   * @throws CommandException if the file with the key can't be used
   * @throws IllegalArgumentException if the settings don't fit together
   */
  static Optional<TokenConfig> read(Configuration configuration) {
    List<Keys> keys = new ArrayList<>(1);
    configuration.get(Settings.JWT_SECRET).map(Keys.Secret::new).ifPresent(keys::add);
    configuration.get(Settings.JWT_PUBLIC_KEY).map(TokenSettings::publicKey).ifPresent(keys::add);
    configuration
        .get(Settings.JWKS)
        .map(url -> Keys.KeySet.of(URI.create(url)))
        .ifPresent(keys::add);
    if (keys.size() > 1) {
      throw new IllegalArgumentException("one of jwt.secret, jwt.public-key and jwks is given");
    }
    if (keys.isEmpty()) {
      requireNone(configuration);
      return Optional.empty();
    }
    return Optional.of(
        new TokenConfig(
            keys.getFirst(),
            configuration.get(Settings.JWT_COOKIE),
            configuration.get(Settings.JWT_CLOCK_SKEW),
            configuration.get(Settings.JWT_ISSUER),
            configuration.get(Settings.JWT_AUDIENCE)));
  }

  /** Whoever says whose tokens count means that some do. */
  private static void requireNone(Configuration configuration) {
    for (Setting<Optional<String>> detail : DETAILS) {
      if (configuration.get(detail).isPresent()) {
        throw new IllegalArgumentException(
            detail.key() + " is of use with jwt.secret, jwt.public-key or jwks");
      }
    }
  }

  private static Keys publicKey(String file) {
    String origin = Settings.JWT_PUBLIC_KEY.key() + ": " + file + ": ";
    try {
      return Keys.PublicKey.ofPem(Files.readString(Path.of(file)));
    } catch (NoSuchFileException e) {
      throw CommandException.usage(origin + "there is no such file");
    } catch (IOException e) {
      throw CommandException.usage(origin + "can't be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(origin + e.getMessage());
    }
  }
}
