package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who is present where the application says who it is and what one may see. */
class HooksPresenceTest {
  private static final String ANN = "{\"allow\":true,\"user\":\"ann\"}";
  private static final Duration LEASE = Duration.ofSeconds(45);

  private FakeApplication application;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    application = new FakeApplication();
    application.replies(
        question ->
            FakeApplication.say(question.event().equals("subscribe") ? ANN : "{\"allow\":true}")
                .to(question));
    server =
        TestServer.start(
            TestServer.config()
                .withHooks(application.hooks())
                .withPresence(new PresenceConfig(false, LEASE, Duration.ZERO))
                .withPolicies(
                    List.of(
                        ChannelPolicy.of("open.*")
                            .withPresence(true)
                            .withSubscribe(Permission.ANYONE),
                        ChannelPolicy.of("room.*").withPresence(true))));
  }

  @AfterEach
  void stop() {
    server.close();
    application.close();
  }

  private static JsonNode say(WebSocketClient client, String op, String channel)
      throws IOException {
    client.send("{\"id\":1,\"op\":\"" + op + "\",\"channel\":\"" + channel + "\",\"data\":1}");
    return Json.parse(client.receiveText());
  }

  @Test
  void whoBecomesKnownIsNoLongerAnonymous() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      say(client, "subscribe", "open.1");
      JsonNode present = say(client, "presence", "open.1");
      assertThat(present.get("anonymous").intValue()).isEqualTo(1);
      assertThat(present.get("members")).isEmpty();
      assertThat(application.next().event()).isEqualTo("connect");

      say(client, "subscribe", "room.1");
      assertThat(application.next().text("channel")).isEqualTo("room.1");
      for (String channel : List.of("open.1", "room.1")) {
        present = say(client, "presence", channel);
        assertThat(present.get("anonymous").intValue()).isZero();
        assertThat(present.get("members").get(0).get("user").stringValue()).isEqualTo("ann");
      }
      say(client, "unsubscribe", "open.1");
      assertThat(say(client, "presence", "open.1").get("members")).isEmpty();
    }
    Scrape.until(server, "halley_presence_members{pattern=\"room.*\"}", members -> members == 0);
  }

  @Test
  void theApplicationIsAskedAboutTheChannelThatIsWatched() throws Exception {
    HttpSocket.Answer answer = HttpSocket.get(server, "/channels/room.1/presence", "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(application.next().text("channel")).isEqualTo("room.1");
    assertThat(HttpSocket.get(server, "/channels/room.2,room.2~presence", "").status())
        .isEqualTo(200);
    assertThat(application.next().text("channel")).isEqualTo("room.2");
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      assertThat(application.next().event()).isEqualTo("connect");
      assertThat(say(client, "subscribe", "room.1~presence").has("position")).isTrue();
      assertThat(application.next().text("channel")).isEqualTo("room.1");
      // Allowed by the same answer, and after the end of one the other still is.
      assertThat(say(client, "subscribe", "room.1").has("position")).isTrue();
      assertThat(Json.parse(client.receiveText()).get("data").has("join")).isTrue();
      assertThat(say(client, "unsubscribe", "room.1").has("position")).isTrue();
      assertThat(Json.parse(client.receiveText()).get("data").has("leave")).isTrue();
      assertThat(say(client, "presence", "room.1").has("members")).isTrue();
      JsonNode refused = say(client, "publish", "room.1~presence");
      assertThat(refused.get("error").get("code").intValue()).isEqualTo(403);
      assertThat(application.events()).isEmpty();
    }
  }

  @Test
  void theApplicationsNoIsNoToAskingAndWatching() throws Exception {
    application.replies(FakeApplication.NO);
    assertThat(HttpSocket.get(server, "/channels/room.1/presence", "").status()).isEqualTo(403);
    assertThat(HttpSocket.get(server, "/channels/room.1~presence", "").status()).isEqualTo(403);
  }
}
