package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.WebSocketClient.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a client asks for in {@code halley.v1}. */
class HalleyV1Test {
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aSubscriptionIsAnsweredWithWhereItBegins() throws Exception {
    StreamPosition one = server.publish("sub", "one");
    StreamPosition two = server.publish("sub", "two");
    try (WebSocketClient client = open("/channels")) {
      JsonNode reply =
          ask(
              client,
              "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"sub\",\"since\":\"" + one + "\"}");
      assertThat(reply.get("id").intValue()).isEqualTo(1);
      assertThat(StreamPosition.parse(reply.get("position").stringValue()).epoch())
          .isEqualTo(one.epoch());
      JsonNode publication = Json.parse(client.receiveText());
      assertThat(publication.get("channel").stringValue()).isEqualTo("sub");
      assertThat(publication.get("position").stringValue()).isEqualTo(two.toString());
      assertThat(publication.get("data").stringValue()).isEqualTo("two");
    }
  }

  @Test
  void withoutACursorASubscriptionBeginsAtTheLatest() throws Exception {
    StreamPosition old = server.publish("sub-latest", "old");
    try (WebSocketClient client = open("/channels")) {
      JsonNode reply = ask(client, "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"sub-latest\"}");
      assertThat(reply.get("position").stringValue()).isEqualTo(old.toString());
      server.publish("sub-latest", "new");
      assertThat(Json.parse(client.receiveText()).get("data").stringValue()).isEqualTo("new");
    }
  }

  @Test
  void afterUnsubscribingNothingComes() throws Exception {
    try (WebSocketClient client = open("/channels/un-a,un-b")) {
      client.receiveText();
      client.receiveText();
      ask(client, "{\"id\":1,\"op\":\"unsubscribe\",\"channel\":\"un-a\"}");
      server.publish("un-a", "unheard");
      server.publish("un-b", "heard");
      assertThat(Json.parse(client.receiveText()).get("data").stringValue()).isEqualTo("heard");
    }
  }

  @Test
  void anIdempotencyKeyIsForOnePayload() throws Exception {
    try (WebSocketClient client = open("/channels")) {
      String publish =
          "{\"id\":7,\"op\":\"publish\",\"channel\":\"keys\",\"idempotencyKey\":\"k\",\"data\":";
      JsonNode first = ask(client, publish + "1}");
      JsonNode retry = ask(client, publish + "1}");
      JsonNode other = ask(client, publish + "2}");
      assertThat(retry.get("position")).isEqualTo(first.get("position"));
      assertThat(other.get("error").get("code").intValue()).isEqualTo(422);
    }
  }

  @Test
  void publishingIsAnsweredWithThePosition() throws Exception {
    try (WebSocketClient client = open("/channels")) {
      JsonNode text = publish(client, "\"data\":\"text\"");
      JsonNode json = publish(client, "\"data\":{\"n\":1}");
      JsonNode number = publish(client, "\"data\":17");
      JsonNode nothing = publish(client, "\"data\":null");
      publish(client, "\"base64\":\"AP8=\"");
      assertThat(text.get("id").intValue()).isEqualTo(7);
      assertThat(StreamPosition.parse(json.get("position").stringValue()))
          .isEqualTo(StreamPosition.parse(text.get("position").stringValue()).next());
      assertThat(number.has("error")).isFalse();
      assertThat(nothing.has("error")).isFalse();
    }
    JsonNode all =
        Json.parse(HttpSocket.get(server, "/channels/v1-pub", "").body()).get("publications");
    assertThat(all.get(0).get("data").stringValue()).isEqualTo("text");
    assertThat(all.get(1).get("data").get("n").intValue()).isEqualTo(1);
    assertThat(all.get(2).get("data").intValue()).isEqualTo(17);
    assertThat(all.get(3).get("data").isNull()).isTrue();
    assertThat(all.get(4).get("base64").stringValue()).isEqualTo("AP8=");
  }

  @Test
  void publishedJsonKeepsItsNumbersAndItsText() throws Exception {
    String json = "{\"n\":1234567890.12345678901234567890,\"s\":\"\\u0041 \\ud83d\\ude80\"}";
    try (WebSocketClient client = open("/channels/v1-exact")) {
      client.receiveText();
      client.send("{\"op\":\"publish\",\"id\":7,\"channel\":\"v1-exact\",\"data\":" + json + "}");
      String first = client.receiveText();
      String second = client.receiveText();
      assertThat(first + second).contains("1234567890.12345678901234567890");
    }
  }

  @Test
  void historyIsWhatIsKept() throws Exception {
    StreamPosition one = server.publish("v1-history", "one");
    server.publish("v1-history", "two");
    try (WebSocketClient client = open("/channels")) {
      JsonNode all = ask(client, "{\"id\":1,\"op\":\"history\",\"channel\":\"v1-history\"}");
      assertThat(all.get("publications")).hasSize(2);
      JsonNode rest =
          ask(
              client,
              "{\"id\":2,\"op\":\"history\",\"channel\":\"v1-history\",\"since\":\"" + one + "\"}");
      assertThat(rest.get("publications")).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "1",
        "null",
        "\"x\"",
        "{}",
        "{\"id\":1}",
        "{\"op\":7}",
        "{\"op\":null}",
        "{\"op\":\"publish\"} {}",
        "nonsense",
        "\u0000",
        "{\"op\":\"subscribe\",}"
      })
  void whatIsNoRequestIsClosedWith4400(String broken) throws Exception {
    try (WebSocketClient client = open("/channels")) {
      client.send(broken);
      Message.Closed closed = (Message.Closed) client.receive();
      assertThat(closed.code()).as(broken).isEqualTo(4400);
      assertThat(closed.reason()).isNotBlank();
    }
  }

  @Test
  void deepJsonIsRefusedAndNotFollowed() throws Exception {
    try (WebSocketClient client = open("/channels")) {
      client.send(
          "{\"op\":\"publish\",\"id\":1,\"channel\":\"deep\",\"data\":" + "[".repeat(400_000));
      switch (client.receive()) {
        case Message.Closed closed -> assertThat(closed.code()).isEqualTo(4400);
        case Message.Text text -> assertThat(text.text()).contains("\"error\"");
        case Message.Binary binary -> throw new AssertionError(binary);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"op\":\"dance\"",
        "\"op\":\"subscribe\"",
        "\"op\":\"subscribe\",\"channel\":\"sp ace\"",
        "\"op\":\"subscribe\",\"channel\":7",
        "\"op\":\"subscribe\",\"channel\":\"a\",\"since\":\"x\"",
        "\"op\":\"subscribe\",\"channel\":\"a\",\"since\":7",
        "\"op\":\"unsubscribe\",\"channel\":\"never\"",
        "\"op\":\"publish\",\"channel\":\"a\"",
        "\"op\":\"publish\",\"channel\":\"a\",\"base64\":\"*\"",
        "\"op\":\"publish\",\"channel\":\"a\",\"data\":1,\"channel\":\"b\"",
        "\"op\":\"subscribe\",\"channel\":\"a\",\"op\":\"publish\"",
        "\"op\":\"publish\",\"channel\":\"a\",\"data\":1,\"data\":2",
        "\"op\":\"refresh\",\"token\":\"a\",\"token\":\"b\"",
        "\"op\":\"publish\",\"channel\":\"a\",\"data\":\"\\ude80\"",
        "\"op\":\"publish\",\"channel\":{\"a\":[1]},\"data\":1",
        "\"op\":\"publish\",\"channel\":\"a\",\"data\":1,\"base64\":\"AA==\"",
        "\"op\":\"history\"",
        "\"op\":\"history\",\"channel\":\"a\",\"limit\":0"
      })
  void whatCannotBeDoneIsAnErrorAndTheConnectionGoesOn(String request) throws Exception {
    try (WebSocketClient client = open("/channels")) {
      JsonNode reply = ask(client, "{\"id\":5," + request + "}");
      assertThat(reply.get("id").intValue()).isEqualTo(5);
      assertThat(reply.get("error").get("code").intValue()).isBetween(400, 499);
      assertThat(reply.get("error").get("message").stringValue()).isNotBlank();
      JsonNode next = ask(client, "{\"id\":6,\"op\":\"subscribe\",\"channel\":\"fine\"}");
      assertThat(next.has("position")).isTrue();
    }
  }

  @Test
  void subscribingTwiceIsAnError() throws Exception {
    try (WebSocketClient client = open("/channels/twice")) {
      client.receiveText();
      JsonNode reply = ask(client, "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"twice\"}");
      assertThat(reply.get("error").get("code").intValue()).isBetween(400, 499);
      server.publish("twice", "once");
      assertThat(client.receiveText()).contains("\"once\"");
      server.publish("twice", "more");
      assertThat(client.receiveText()).contains("\"more\"");
    }
  }

  @Test
  void channelsOfOneConnectionHaveALimit() throws Exception {
    int limit = TestServer.config().limits().channelsPerConnection();
    try (WebSocketClient client = open("/channels")) {
      for (int i = 0; i < limit; i++) {
        JsonNode reply =
            ask(client, "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"many" + i + "\"}");
        assertThat(reply.has("error")).isFalse();
      }
      JsonNode reply = ask(client, "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"more\"}");
      assertThat(reply.get("error").get("code").intValue()).isBetween(400, 499);
    }
  }

  @Test
  void binaryFramesAreClosedWith1003() throws Exception {
    try (WebSocketClient client = open("/channels")) {
      client.send(new byte[] {1});
      assertThat(((Message.Closed) client.receive()).code()).isEqualTo(1003);
    }
  }

  private static WebSocketClient open(String target) throws Exception {
    return WebSocketClient.open(server, target, HalleyV1Listener.SUBPROTOCOL, "");
  }

  private static JsonNode ask(WebSocketClient client, String request) throws Exception {
    client.send(request);
    return Json.parse(client.receiveText());
  }

  private static JsonNode publish(WebSocketClient client, String payload) throws Exception {
    return ask(client, "{\"id\":7,\"op\":\"publish\",\"channel\":\"v1-pub\"," + payload + "}");
  }
}
