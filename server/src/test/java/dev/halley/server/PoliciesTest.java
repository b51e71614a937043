package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.WebSocketClient.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What policies change of publishing, on every way to publish. */
class PoliciesTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";

  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            TestServer.config()
                .withPolicies(
                    List.of(
                        ChannelPolicy.of("small.*").withPayload(5),
                        ChannelPolicy.of("hourly.*")
                            .withRates(
                                new ChannelPolicy.Rates(
                                    Optional.empty(),
                                    Optional.of(new Rate(1, Duration.ofHours(1))))),
                        ChannelPolicy.of("large.*").withPayload(2 << 20))));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aPayloadIsAsLargeAsItsChannelTakes() throws Exception {
    assertThat(HttpSocket.post(server, "/channels/small.1", TEXT, "12345").status()).isEqualTo(201);
    Answer refused = HttpSocket.post(server, "/channels/small.1", TEXT, "123456");
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.body()).contains("A publication on this channel has at most 5 bytes");
    String larger = "x".repeat(2 << 20);
    assertThat(HttpSocket.post(server, "/channels/large.1", TEXT, larger).status()).isEqualTo(201);
    assertThat(HttpSocket.post(server, "/channels/other", TEXT, larger).status()).isEqualTo(413);
  }

  @Test
  void aBatchIsRefusedWholeWhereOneIsTooLarge() throws Exception {
    Answer refused =
        HttpSocket.post(
            server,
            "/publish",
            JSON,
            "[{\"channel\":\"b\",\"data\":\"123456\"},{\"channel\":\"small.b\",\"data\":\"123456\"}]");
    assertThat(refused.status()).isEqualTo(413);
    assertThat(Json.parse(HttpSocket.get(server, "/channels/b", "").body()).get("publications"))
        .isEmpty();
  }

  @Test
  void aSocketOfBarePayloadsIsClosedWith1009() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/small.raw", List.of(), "")) {
      client.send("12345");
      assertThat(client.receiveText()).isEqualTo("12345");
      client.send("123456");
      assertThat(((Message.Closed) client.receive()).code()).isEqualTo(1009);
    }
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/large.raw", List.of(), "")) {
      String larger = "x".repeat(2 << 20);
      client.send(larger);
      assertThat(client.receiveText().getBytes(UTF_8)).hasSize(2 << 20);
    }
  }

  @Test
  void aRequestBeyondTheRateIsToldWhenToComeBack() throws Exception {
    long before = server.server().metrics().ratesExceeded().sum();
    assertThat(HttpSocket.post(server, "/channels/hourly.1", TEXT, "1").status()).isEqualTo(201);
    Answer refused = HttpSocket.post(server, "/channels/hourly.1", TEXT, "2");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.field("retry-after").orElseThrow()))
        .isBetween(3_000, 3_600);
    assertThat(server.server().metrics().ratesExceeded().sum()).isEqualTo(before + 1);
    assertThat(HttpSocket.post(server, "/channels/hourly.2", TEXT, "1").status()).isEqualTo(201);
  }

  @Test
  void aCommandBeyondTheRateIsAnErrorAndAMessageWithoutAnswerEndsTheSocket() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      String publish = "{\"id\":1,\"op\":\"publish\",\"channel\":\"hourly.v1\",\"data\":\"1\"}";
      client.send(publish);
      assertThat(Json.parse(client.receiveText()).has("position")).isTrue();
      client.send(publish);
      assertThat(Json.parse(client.receiveText()).get("error").get("code").intValue())
          .isEqualTo(429);
    }
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/hourly.raw", List.of(), "")) {
      client.send("1");
      assertThat(client.receiveText()).isEqualTo("1");
      client.send("2");
      assertThat(((Message.Closed) client.receive()).code()).isEqualTo(1008);
    }
  }

  @Test
  void aCommandIsRefusedAndTheSocketStaysOpen() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      client.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"small.v1\",\"data\":\"123456\"}");
      JsonNode refused = Json.parse(client.receiveText());
      assertThat(refused.get("error").get("code").intValue()).isEqualTo(413);
      client.send("{\"id\":2,\"op\":\"publish\",\"channel\":\"small.v1\",\"data\":\"12345\"}");
      assertThat(Json.parse(client.receiveText()).has("position")).isTrue();
    }
  }
}
