package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.server.ServerConfig;
import dev.halley.server.TokenConfig;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenSettingsTest {
  private static final String SECRET = "a secret of no less than thirty-two bytes";

  @TempDir private Path directory;

  private static ServerConfig read(Map<Setting<?>, String> flags) {
    return ConfigurationReader.read(flags, Map.of(), Optional.empty()).server();
  }

  @Test
  void aSecretMakesTokensCount() {
    ServerConfig config =
        ConfigurationReader.read(Map.of(), Map.of("HALLEY_JWT_SECRET", SECRET), Optional.empty())
            .server();

    assertThat(config.tokens()).contains(TokenConfig.of(new Keys.Secret(SECRET)));
  }

  @Test
  void theDetailsAreTheTokens() {
    ServerConfig config =
        read(
            Map.of(
                Settings.JWT_SECRET, SECRET,
                Settings.JWT_COOKIE, "session",
                Settings.JWT_CLOCK_SKEW, "1m",
                Settings.JWT_ISSUER, "https://id.example.org",
                Settings.JWT_AUDIENCE, "halley"));

    assertThat(config.tokens())
        .contains(
            new TokenConfig(
                new Keys.Secret(SECRET),
                "session",
                Duration.ofMinutes(1),
                Optional.of("https://id.example.org"),
                Optional.of("halley")));
  }

  @Test
  void aPublicKeyComesFromItsFile() throws Exception {
    PublicKey key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();

    TokenConfig tokens =
        read(Map.of(Settings.JWT_PUBLIC_KEY, file(key).toString())).tokens().orElseThrow();

    assertThat(((Keys.PublicKey) tokens.keys()).key()).isEqualTo(key);
  }

  private Path file(PublicKey key) throws IOException {
    return Files.writeString(
        directory.resolve("key.pem"),
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getEncoder().encodeToString(key.getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
  }

  @Test
  void whatCannotBeUsedIsOneLineWithoutTheSecret() throws Exception {
    Path file = Files.writeString(directory.resolve("none.pem"), "hello");
    assertRefused(
        Map.of(Settings.JWT_PUBLIC_KEY, file.toString()),
        "jwt.public-key: " + file + ": there is no -----BEGIN PUBLIC KEY----- in it");
    assertRefused(
        Map.of(Settings.JWT_PUBLIC_KEY, directory + "/nowhere"),
        "jwt.public-key: " + directory + "/nowhere: there is no such file");
    assertRefused(
        Map.of(Settings.JWT_SECRET, "too short"),
        "a rule of the settings is broken: a JWT secret has at least 32 bytes;"
            + " openssl rand -base64 32 makes one");
    assertRefused(
        Map.of(Settings.JWT_SECRET, SECRET, Settings.JWT_CLOCK_SKEW, "1h"),
        "a rule of the settings is broken: a clock skew is at most 5m");
    assertRefused(
        Map.of(Settings.JWT_ISSUER, "x"),
        "a rule of the settings is broken: jwt.issuer is of use with jwt.secret, jwt.public-key or jwks");
  }

  @Test
  void aKeySetComesFromWhereNobodyCanChangeItOnItsWay() {
    for (String url :
        List.of("https://id.example.org/jwks", "http://127.0.0.1:9/k", "http://localhost/k")) {
      assertThat(read(Map.of(Settings.JWKS, url)).tokens().orElseThrow().keys())
          .isEqualTo(Keys.KeySet.of(URI.create(url)));
    }
    for (String url : List.of("http://id.example.org/jwks", "file:///etc/keys", "jwks")) {
      assertRefused(
          Map.of(Settings.JWKS, url),
          "a rule of the settings is broken: the URL of a key set is https, or http of this machine");
    }
    assertRefused(Map.of(Settings.JWKS, "a b"), "--jwks: \"a b\" is not a URL");
  }

  @Test
  void thereIsOneKindOfKey() throws Exception {
    PublicKey key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    assertRefused(
        Map.of(Settings.JWT_SECRET, SECRET, Settings.JWT_PUBLIC_KEY, file(key).toString()),
        "a rule of the settings is broken: one of jwt.secret, jwt.public-key and jwks is given");
  }

  private static void assertRefused(Map<Setting<?>, String> flags, String line) {
    assertThatThrownBy(() -> read(flags)).isInstanceOf(CommandException.class).hasMessage(line);
  }
}
