package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To whom {@code /metrics} is shown. */
class MetricsAccessTest {
  private static final String ELSEWHERE = "halley.example.org";

  private static int status(TestServer server, String host, String fields) throws IOException {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
      return http.answer().status();
    }
  }

  private static String bearer(String text) {
    return "Authorization: Bearer " + text + "\r\n";
  }

  @Test
  void whereNothingIsGuardedTheyAreForEverybody() throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(status(server, server.authority(), "")).isEqualTo(200);
      assertThat(status(server, server.authority(), "X-Forwarded-For: 192.0.2.1\r\n"))
          .isEqualTo(200);
    }
  }

  @Test
  void thisMachineNeedsNoKey() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("secret"))) {
      for (String host : List.of(server.authority(), "localhost:1", "[::1]")) {
        assertThat(status(server, host, "")).as(host).isEqualTo(200);
      }
    }
  }

  /** A proxy on this machine speaks for strangers, and a name may have been made to point here. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-For: 192.0.2.1\r\n",
        "Forwarded: for=192.0.2.1\r\n",
        "Via: 1.1 proxy\r\n",
        "X-Real-IP: 192.0.2.1\r\n"
      })
  void whatAProxyForwardsNeedsTheKey(String forwarded) throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("secret"))) {
      String here = server.authority();
      assertThat(status(server, here, forwarded)).isEqualTo(401);
      assertThat(status(server, here, forwarded + bearer("wrong"))).isEqualTo(401);
      assertThat(status(server, here, forwarded + bearer("secret"))).isEqualTo(200);
      assertThat(status(server, ELSEWHERE, "")).isEqualTo(401);
      assertThat(status(server, ELSEWHERE, bearer("secret"))).isEqualTo(200);
    }
  }

  @Test
  void aTokenIsNotEnough() throws Exception {
    ServerConfig config =
        Configs.withKey("secret").withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)));
    try (TestServer server = TestServer.start(config)) {
      assertThat(status(server, ELSEWHERE, bearer(TestTokens.good()))).isEqualTo(403);
      assertThat(status(server, ELSEWHERE, bearer("secret"))).isEqualTo(200);
    }
    ServerConfig tokens =
        TestServer.config().withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)));
    try (TestServer server = TestServer.start(tokens)) {
      assertThat(status(server, ELSEWHERE, "")).isEqualTo(401);
      assertThat(status(server, server.authority(), "")).isEqualTo(200);
    }
  }
}
