package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may listen and publish where a policy says so. */
class PolicyAccessTest {
  private static final String KEY = "Authorization: Bearer secret\r\n";
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String STREAM = "Accept: text/event-stream\r\n";

  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            Configs.withKey("secret")
                .withPolicies(
                    List.of(
                        ChannelPolicy.of("inner.*").withSubscribe(Permission.KEY),
                        ChannelPolicy.of("open.*").withPublish(Permission.ANYONE))));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void listeningWhereThePolicyAsksForTheKeyNeedsIt() throws Exception {
    assertThat(HttpSocket.get(server, "/channels/inner.1", "").status()).isEqualTo(401);
    assertThat(HttpSocket.get(server, "/channels/inner.1", STREAM).status()).isEqualTo(401);
    assertThat(HttpSocket.get(server, "/channels/other,inner.1", "").status()).isEqualTo(401);
    assertThat(HttpSocket.get(server, "/channels/inner.1", KEY).status()).isEqualTo(200);
    assertThat(HttpSocket.get(server, "/channels/other", "").status()).isEqualTo(200);
  }

  @Test
  void aSocketSubscribesThereWithTheKeyOnly() throws Exception {
    assertThatThrownBy(() -> WebSocketClient.open(server, "/channels/inner.1", List.of(), ""))
        .hasMessageContaining("401");
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/inner.1", List.of(), KEY)) {
      assertThat(client.head().status()).isEqualTo(101);
    }
  }

  @Test
  void publishingWhereThePolicyLetsAnybodyNeedsNoKey() throws Exception {
    assertThat(HttpSocket.post(server, "/channels/open.1", TEXT, "x").status()).isEqualTo(201);
    assertThat(HttpSocket.post(server, "/channels/other", TEXT, "x").status()).isEqualTo(401);
    assertThat(HttpSocket.post(server, "/channels/other", TEXT + KEY, "x").status()).isEqualTo(201);
    String batch = "[{\"channel\":\"open.1\",\"data\":1},{\"channel\":\"other\",\"data\":2}]";
    String json = "Content-Type: application/json\r\n";
    assertThat(HttpSocket.post(server, "/publish", json, batch).status()).isEqualTo(401);
  }

  @Test
  void aPolicyThatAsksForAKeyThatThereIsNotIsRefused() {
    assertThatThrownBy(
            () ->
                ServerConfig.defaults()
                    .withPolicies(List.of(ChannelPolicy.of("a").withSubscribe(Permission.KEY))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the policy for a asks for the API key: set one with api-key");
  }
}
