package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A refusal names its channels, so that the client goes on with the others. */
class RefusedChannelsTest {
  private static final List<String> TRANSPORTS =
      List.of(
          "",
          "Prefer: wait=1\r\n",
          "Accept: text/event-stream\r\n",
          HttpSocket.UPGRADE + "Sec-WebSocket-Protocol: halley.v1\r\n");

  private static TestServer withTokens() throws IOException {
    return TestServer.start(
        TestServer.config().withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET))));
  }

  private static List<String> refused(Answer answer) {
    return refused(Json.parse(answer.body()));
  }

  private static List<String> refused(JsonNode answer) {
    List<String> channels = new ArrayList<>();
    answer.get("error").get("channels").forEach(it -> channels.add(it.stringValue()));
    return channels;
  }

  @Test
  void aTokenThatDoesNotAllowSomeIsToldWhich() throws IOException {
    try (TestServer server = withTokens()) {
      String bearer = "Authorization: Bearer " + TestTokens.good() + "\r\n";
      for (String fields : TRANSPORTS) {
        Answer answer =
            HttpSocket.get(server, "/channels/a,room.1,b~presence,room.2", fields + bearer);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(refused(answer)).as(fields).containsExactly("a", "b~presence");
      }
    }
  }

  @Test
  void aRefreshThatDoesNotAllowSomeIsToldWhich() throws IOException {
    try (TestServer server = withTokens();
        WebSocketClient client =
            WebSocketClient.open(
                server,
                "/channels/room.1,room.2",
                HalleyV1Listener.SUBPROTOCOL,
                "Authorization: Bearer " + TestTokens.good() + "\r\n")) {
      client.receiveText();
      client.receiveText();
      String claims = TestTokens.claims(Instant.now().plusSeconds(60), "");
      String less =
          TestTokens.hs256(TestTokens.SECRET.getBytes(UTF_8), claims.replace("room.*", "room.1"));
      client.send("{\"id\":1,\"op\":\"refresh\",\"token\":\"" + less + "\"}");
      assertThat(refused(Json.parse(client.receiveText()))).containsExactly("room.2");
    }
  }

  @Test
  void aSubscribeCommandIsAboutItsOwnChannel() throws IOException {
    try (TestServer server = withTokens();
        WebSocketClient client =
            WebSocketClient.open(
                server,
                "/channels",
                HalleyV1Listener.SUBPROTOCOL,
                "Authorization: Bearer " + TestTokens.good() + "\r\n")) {
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"a\"}");
      JsonNode error = Json.parse(client.receiveText()).get("error");
      assertThat(error.get("code").intValue()).isEqualTo(403);
      assertThat(error.has("channels")).isFalse();
    }
  }

  @Test
  void channelsBeyondTheMostAreNamed() throws IOException {
    try (TestServer server = TestServer.start(TestServer.config())) {
      int most = TestServer.config().limits().channelsPerConnection();
      String names =
          IntStream.range(0, most + 2).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
      Answer answer = HttpSocket.get(server, "/channels/" + names, "");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(refused(answer)).containsExactly("c" + most, "c" + (most + 1));
    }
  }

  @Test
  void whereThereIsNoPresenceItsChannelIsNamed() throws IOException {
    try (TestServer server = TestServer.start(TestServer.config())) {
      Answer answer = HttpSocket.get(server, "/channels/a,b~presence", "");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(refused(answer)).containsExactly("b~presence");
    }
  }

  @Test
  void theApplicationsNoNamesItsChannels() throws IOException {
    try (FakeApplication application = new FakeApplication();
        TestServer server = TestServer.start(TestServer.config().withHooks(application.hooks()))) {
      application.replies(
          asked ->
              (asked.text("channel").startsWith("no") ? FakeApplication.NO : FakeApplication.YES)
                  .to(asked));
      for (String fields : TRANSPORTS) {
        Answer answer = HttpSocket.get(server, "/channels/no.1,yes,no.2", fields);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(refused(answer)).as(fields).containsExactly("no.1", "no.2");
      }
      application.replies(FakeApplication.NO);
      Answer whole = HttpSocket.get(server, "/channels/yes2", "Accept: text/event-stream\r\n");
      assertThat(Json.parse(whole.body()).get("error").has("channels"))
          .as("the connection is refused, not a channel")
          .isFalse();
    }
  }

  @Test
  void whatComesAfterAPublicationThatIsRefusedForNowIsRefusedToo() throws IOException {
    Rate hourly = new Rate(1, Duration.ofHours(1));
    ServerConfig config =
        TestServer.config()
            .withPolicies(
                List.of(
                    ChannelPolicy.of("hourly")
                        .withRates(
                            new ChannelPolicy.Rates(Optional.empty(), Optional.of(hourly)))));
    try (TestServer server = TestServer.start(config);
        WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      assertThat(publish(client, "hourly", "k1", "").has("position")).isTrue();
      JsonNode refused = publish(client, "hourly", "k2", "k1").get("error");
      assertThat(refused.get("code").intValue()).isEqualTo(429);
      assertThat(refused.get("retryAfter").intValue()).isBetween(3_000, 3_600);
      assertThat(code(publish(client, "free", "k3", "k2"))).isEqualTo(503);
      assertThat(code(publish(client, "free", "k4", "k3"))).isEqualTo(503);
      assertThat(publish(client, "free", "k5", "").has("position")).isTrue();
      assertThat(publish(client, "free", "k3", "").has("position")).as("repeated").isTrue();
      assertThat(publish(client, "free", "k6", "k3").has("position")).isTrue();
    }
  }

  private static int code(JsonNode answer) {
    return answer.get("error").get("code").intValue();
  }

  private static JsonNode publish(WebSocketClient client, String channel, String key, String after)
      throws IOException {
    client.send(
        "{\"id\":1,\"op\":\"publish\",\"channel\":\""
            + channel
            + "\",\"data\":1,\"idempotencyKey\":\""
            + key
            + "\""
            + (after.isEmpty() ? "" : ",\"after\":\"" + after + "\"")
            + "}");
    return Json.parse(client.receiveText());
  }
}
