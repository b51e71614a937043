package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may ask who is present, and what is no such question. */
class PresenceAccessTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start(PresenceTest.config());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Answer get(String target, String fields) throws IOException {
    return HttpSocket.get(server, target, fields);
  }

  @Test
  void whoMayListenMayAskAndListenToTheChanges() throws IOException {
    String ann = PresenceTest.bearer(TestTokens.of("ann"));
    String key = PresenceTest.bearer("sesame");
    for (String path : List.of("/presence", "~presence")) {
      assertThat(get("/channels/room.1" + path, "").status()).as(path).isEqualTo(401);
      assertThat(get("/channels/room.1" + path, ann).status()).as(path).isEqualTo(200);
      assertThat(get("/channels/room.secret" + path, ann).status()).as(path).isEqualTo(403);
      assertThat(get("/channels/room.secret" + path, key).status()).as(path).isEqualTo(200);
      assertThat(get("/channels/other" + path, ann).status()).as(path).isEqualTo(403);
      assertThat(get("/channels/open.1" + path, "").status()).as(path).isEqualTo(200);
    }
  }

  /** A name that is that of the changes allows nothing: the channel's does. */
  @Test
  void aTokenNamesTheChannelAndNotItsChanges() throws IOException {
    String changes = token("room.1~presence");
    assertThat(get("/channels/room.1~presence", PresenceTest.bearer(changes)).status())
        .isEqualTo(403);
    String channel = token("room.1");
    assertThat(get("/channels/room.1~presence", PresenceTest.bearer(channel)).status())
        .isEqualTo(200);
    assertThat(get("/channels/room.1/presence", PresenceTest.bearer(channel)).status())
        .isEqualTo(200);
    assertThat(get("/channels/room.12~presence", PresenceTest.bearer(channel)).status())
        .isEqualTo(403);
  }

  private static String token(String subscribe) {
    return TestTokens.hs256(
        TestTokens.SECRET.getBytes(UTF_8),
        TestTokens.claims(Instant.now().plusSeconds(99), "").replace("room.*", subscribe));
  }

  @Test
  void nobodyPublishesAChange() throws IOException {
    for (String fields : List.of("", PresenceTest.bearer("sesame"))) {
      Answer answer = HttpSocket.post(server, "/channels/open.1~presence", TEXT + fields, "x");
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.body()).contains("The server alone publishes who is present");
      answer =
          HttpSocket.post(
              server,
              "/publish",
              "Content-Type: application/json\r\n" + fields,
              "[{\"channel\":\"open.1~presence\",\"data\":1}]");
      assertThat(answer.status()).isEqualTo(403);
    }
    String wide = TestTokens.claims(Instant.now().plusSeconds(99), "").replace("room.42", "room.*");
    String token = TestTokens.hs256(TestTokens.SECRET.getBytes(UTF_8), wide);
    assertThat(
            HttpSocket.post(
                    server, "/channels/room.1~presence", TEXT + PresenceTest.bearer(token), "x")
                .status())
        .isEqualTo(403);
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/open.1~presence", List.of(), "")) {
      client.send("x");
      assertThat(client.receive())
          .isEqualTo(
              new WebSocketClient.Message.Closed(
                  4403, "The server alone publishes who is present"));
    }
    try (WebSocketClient client = PresenceTest.v1(server, "/channels", "ann")) {
      assertThat(
              PresenceTest.answer(
                      client,
                      "{\"id\":1,\"op\":\"publish\",\"channel\":\"open.1~presence\",\"data\":1}")
                  .get("error")
                  .get("code")
                  .intValue())
          .isEqualTo(403);
    }
  }

  @Test
  void aChannelWithoutPresenceSaysSo() throws IOException {
    String rule = "This channel has no presence: its policy has to say so";
    for (String target : List.of("/channels/plain/presence", "/channels/plain~presence")) {
      Answer answer = get(target, "");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).contains(rule);
    }
    assertThat(get("/channels/open.1~presence/presence", "").status()).isEqualTo(404);
    assertThat(get("/channels/open.1~presence~presence", "").status()).isEqualTo(404);
    try (WebSocketClient client = PresenceTest.v1(server, "/channels", "ann")) {
      for (String command :
          List.of(
              "{\"id\":1,\"op\":\"presence\",\"channel\":\"plain\"}",
              "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"plain~presence\"}")) {
        JsonNode error = PresenceTest.answer(client, command).get("error");
        assertThat(error.get("code").intValue()).isEqualTo(404);
        assertThat(error.get("message").stringValue()).isEqualTo(rule);
      }
      JsonNode refused =
          PresenceTest.answer(client, "{\"id\":1,\"op\":\"presence\",\"channel\":\"room.secret\"}");
      assertThat(refused.get("error").get("code").intValue()).isEqualTo(403);
    }
  }

  @Test
  void aNameThatIsTooLongSaysSo() throws IOException {
    assertThat(get("/channels/" + "x".repeat(246) + "/presence", "").status()).isEqualTo(200);
    Answer answer = get("/channels/" + "x".repeat(247) + "/presence", "");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body())
        .contains("A channel with presence has a name of at most 246 characters");
    assertThat(get("/channels/" + "x".repeat(247), "").status()).isEqualTo(200);
  }

  @Test
  void oneAsksForOneChannelByGet() throws IOException {
    assertThat(get("/channels/open.1,open.2/presence", "").status()).isEqualTo(400);
    assertThat(get("/channels/open%2F1/presence", "").status()).isEqualTo(400);
    assertThat(HttpSocket.post(server, "/channels/open.1/presence", TEXT, "x").status())
        .isEqualTo(405);
    assertThat(get("/channels/presence", PresenceTest.bearer("sesame")).status()).isEqualTo(200);
  }
}
