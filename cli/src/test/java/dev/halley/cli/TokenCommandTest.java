package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import dev.halley.server.TokenConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TokenCommandTest {
  private static final String SECRET = "a secret of no less than thirty-two bytes";
  private static final Map<String, String> ENVIRONMENT = Map.of("HALLEY_JWT_SECRET", SECRET);

  @TempDir private Path directory;

  private static String token(String... arguments) {
    CommandRun run = CommandRun.of(ENVIRONMENT, "", arguments);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).hasSize(1);
    return run.out().getFirst();
  }

  private static String claims(String token) {
    return new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), UTF_8);
  }

  @Test
  void aTokenSaysWhatItIsFor() {
    long before = Instant.now().getEpochSecond();
    String claims =
        claims(token("token", "--sub", "a\"nn", "--exp", "2h", "--subscribe", "room.*,a"));
    assertThat(claims)
        .matches(
            "\\{\"sub\":\"a\\\\\"nn\",\"exp\":[0-9]+,\"channels\":"
                + "\\{\"subscribe\":\\[\"room\\.\\*\",\"a\"\\],\"publish\":\\[\\]}}");
    long expiry = Long.parseLong(claims.replaceAll(".*\"exp\":([0-9]+).*", "$1"));
    assertThat(expiry - before).isBetween(7_200L, 7_260L);
  }

  @Test
  void theSecretComesFromTheServersFileToo() throws IOException {
    Path file = Files.writeString(directory.resolve("h.yaml"), "jwt.secret: \"" + SECRET + "\"\n");
    CommandRun run = CommandRun.of("token", "--publish", "a", "--config", file.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(claims(run.out().getFirst())).contains("\"publish\":[\"a\"]");
  }

  @Test
  void theServerTakesItFromTheClients() throws IOException {
    ServerConfig defaults = ServerConfig.defaults();
    ServerConfig config =
        defaults
            .withNetwork(new ServerConfig.Network("127.0.0.1", 0, ServerConfig.Io.AUTO, 1))
            .withTokens(TokenConfig.of(new TokenConfig.Keys.Secret(SECRET)));
    try (MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
        HalleyServer server = HalleyServer.start(config, broker)) {
      String url = HttpUrls.of(server.address());
      broker.publish("room.1", Payload.text("hello"), Optional.empty());
      String token = token("token", "--subscribe", "room.*", "--publish", "room.2");

      for (String transport : List.of("poll", "long-poll", "sse", "websocket")) {
        CommandRun heard =
            CommandRun.of(
                Map.of("HALLEY_TOKEN", token),
                "",
                "subscribe",
                "room.1",
                "--url",
                url,
                "--transport",
                transport,
                "--since",
                "earliest",
                "--limit",
                "1");
        assertThat(heard.out()).as(transport).containsExactly("hello");
        CommandRun refused =
            CommandRun.of(
                "subscribe", "other", "--url", url, "--transport", transport, "--token", token);
        assertThat(refused.exitCode()).as(transport).isEqualTo(1);
        assertThat(String.join("", refused.err())).contains("403");
      }
      Map<String, String> otherKey = Map.of("HALLEY_API_KEY", "a flag beats it");
      assertThat(
              CommandRun.of(otherKey, "", "publish", "room.2", "x", "--url", url, "--token", token)
                  .exitCode())
          .isZero();
      assertThat(CommandRun.of("publish", "room.1", "x", "--url", url, "--token", token).err())
          .singleElement()
          .asString()
          .contains("The token doesn't allow publishing here");
    }
  }

  @Test
  void aTokenThatNoHeaderTakesIsNotPrinted() {
    CommandRun run = CommandRun.of("subscribe", "a", "--token", "sec\nret");
    assertThat(run.exitCode()).isEqualTo(CommandException.USAGE);
    assertThat(run.err()).singleElement().asString().doesNotContain("ret");
  }
}
