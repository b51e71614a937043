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
  void withTokensAPolicySaysWhereTheyAreNeeded() throws Exception {
    ServerConfig config =
        Configs.withKey("secret")
            .withTokens(TokenConfig.of(new TokenConfig.Keys.Secret(TestTokens.SECRET)))
            .withPolicies(
                List.of(
                    ChannelPolicy.of("news.*")
                        .withSubscribe(Permission.ANYONE)
                        .withPublish(Permission.KEY),
                    ChannelPolicy.of("room.42")
                        .withSubscribe(Permission.ANYONE)
                        .withPublish(Permission.TOKEN),
                    ChannelPolicy.of("room.7").withSubscribe(Permission.KEY)));
    String token = "Authorization: Bearer " + TestTokens.good() + "\r\n";
    try (TestServer tokens = TestServer.start(config)) {
      assertThat(listening(tokens, "news.1")).containsExactly(200, 200, 200);
      assertThat(publishing(tokens, "news.1", token)).containsExactly(401, 403, 201);
      assertThat(listening(tokens, "room.42")).containsExactly(200, 200, 200);
      assertThat(publishing(tokens, "room.42", token)).containsExactly(401, 201, 201);
      // The token names room.7, and the policy wants more than a token.
      assertThat(listening(tokens, "room.7")).containsExactly(401, 403, 200);
      // No policy: a token that names it, or the key.
      assertThat(listening(tokens, "room.1")).containsExactly(401, 200, 200);
      assertThat(listening(tokens, "other")).containsExactly(401, 403, 200);
      assertThat(publishing(tokens, "room.1", token)).containsExactly(401, 403, 201);
      // Somewhere anybody may listen, so a connection alone needs nothing.
      try (WebSocketClient client =
          WebSocketClient.open(tokens, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
        client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"room.1\"}");
        assertThat(client.receiveText()).contains("\"code\":401");
        client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"news.1\"}");
        assertThat(client.receiveText()).contains("position");
      }
    }
  }

  /** The statuses for nobody, a token and the key. */
  private static List<Integer> listening(TestServer server, String channel) throws Exception {
    String token = "Authorization: Bearer " + TestTokens.good() + "\r\n";
    return List.of(
        HttpSocket.get(server, "/channels/" + channel, "").status(),
        HttpSocket.get(server, "/channels/" + channel, token).status(),
        HttpSocket.get(server, "/channels/" + channel, KEY).status());
  }

  private static List<Integer> publishing(TestServer server, String channel, String token)
      throws Exception {
    return List.of(
        HttpSocket.post(server, "/channels/" + channel, TEXT, "x").status(),
        HttpSocket.post(server, "/channels/" + channel, TEXT + token, "x").status(),
        HttpSocket.post(server, "/channels/" + channel, TEXT + KEY, "x").status());
  }

  @Test
  void aPolicyThatAsksForATokenThatNoneCanBeIsRefused() {
    assertThatThrownBy(
            () ->
                ServerConfig.defaults()
                    .withPolicies(List.of(ChannelPolicy.of("a").withPublish(Permission.TOKEN))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the policy for a asks for a token: set what tokens are signed with");
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
