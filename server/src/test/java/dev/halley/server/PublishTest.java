package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code POST /channels/{channel}} and {@code POST /publish}. */
class PublishTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";

  private static final AtomicInteger NAMES = new AtomicInteger();

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
  void theAnswerIsChannelAndPosition() throws Exception {
    Answer first = HttpSocket.post(server, "/channels/answer", TEXT, "one");
    Answer second = HttpSocket.post(server, "/channels/answer", TEXT, "two");
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.field("content-type").orElseThrow()).startsWith("application/json");
    JsonNode body = Json.parse(first.body());
    assertThat(body.get("channel").stringValue()).isEqualTo("answer");
    assertThat(position(second)).isEqualTo(position(first).next());
  }

  @Test
  void theContentTypeSaysWhatIsPublished() throws Exception {
    HttpSocket.post(server, "/channels/types", "Content-Type: text/markdown\r\n", "{\"a\":1}");
    HttpSocket.post(server, "/channels/types", "Content-Type: application/json\r\n", "{\"a\":1}");
    HttpSocket.post(server, "/channels/types", "Content-Type: image/png\r\n", "{\"a\":1}");
    HttpSocket.post(server, "/channels/types", "", "{\"a\":1}");
    HttpSocket.post(
        server, "/channels/types", "Content-Type: Application/JSON; charset=utf-8\r\n", "[]");
    JsonNode publications = poll("types");
    assertThat(publications.get(0).get("data").stringValue()).isEqualTo("{\"a\":1}");
    assertThat(publications.get(1).get("data").get("a").intValue()).isEqualTo(1);
    assertThat(publications.get(2).get("base64").stringValue()).isEqualTo("eyJhIjoxfQ==");
    assertThat(publications.get(3).get("base64").stringValue()).isEqualTo("eyJhIjoxfQ==");
    assertThat(publications.get(4).get("data").isArray()).isTrue();
  }

  @Test
  void aChunkedBodyIsPublishedWhole() throws Exception {
    Answer answer =
        HttpSocket.exchange(
            server,
            HttpSocket.request(
                    server,
                    "POST",
                    "/channels/chunked",
                    TEXT + "Transfer-Encoding: chunked\r\n",
                    "")
                + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(poll("chunked").get(0).get("data").stringValue()).isEqualTo("abcdefg");
  }

  @Test
  void anEmptyBodyIsAnEmptyText() throws Exception {
    Answer answer = HttpSocket.post(server, "/channels/empty", TEXT + "Content-Length: 0\r\n", "");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(poll("empty").get(0).get("data").stringValue()).isEmpty();
  }

  @Test
  void theSameIdempotencyKeyPublishesOnce() throws Exception {
    String key = TEXT + "Idempotency-Key: order-17\r\n";
    Answer first = HttpSocket.post(server, "/channels/once", key, "one");
    Answer retry = HttpSocket.post(server, "/channels/once", key, "one");
    Answer other =
        HttpSocket.post(server, "/channels/once", TEXT + "Idempotency-Key: order-18\r\n", "two");
    assertThat(position(retry)).isEqualTo(position(first));
    assertThat(retry.status()).isBetween(200, 201);
    assertThat(position(other)).isEqualTo(position(first).next());
    assertThat(poll("once")).hasSize(2);
  }

  @Test
  void aKeyIsForOnePayload() throws Exception {
    String key = "Idempotency-Key: order-19\r\n";
    Answer first = HttpSocket.post(server, "/channels/conflict", TEXT + key, "one");
    Answer other = HttpSocket.post(server, "/channels/conflict", TEXT + key, "two");
    assertThat(other.status()).isEqualTo(422);
    assertError(other, 422);
    Answer asJson = HttpSocket.post(server, "/channels/conflict", JSON + key, "1");
    assertThat(asJson.status()).isEqualTo(422);
    Answer retry = HttpSocket.post(server, "/channels/conflict", TEXT + key, "one");
    assertThat(position(retry)).isEqualTo(position(first));
    assertThat(poll("conflict")).hasSize(1);
    assertThat(server.metrics().failures().count(Failures.Place.BROKER))
        .as("a publisher's mistake is no failure of the broker")
        .isZero();
  }

  @Test
  void aLargeBatchIsPublishedOnceHoweverOftenItIsSent() throws Exception {
    int entries = 1_000;
    StringBuilder batch = new StringBuilder("[");
    for (int i = 0; i < entries; i++) {
      batch
          .append(i == 0 ? "" : ",")
          .append("{\"channel\":\"many\",\"data\":")
          .append(i)
          .append('}');
    }
    batch.append(']');
    String key = JSON + "Idempotency-Key: batch-1\r\n";
    Answer single =
        HttpSocket.post(server, "/channels/many", TEXT + "Idempotency-Key: batch-1#0\r\n", "x");
    Answer first = HttpSocket.post(server, "/publish", key, batch.toString());
    Answer retry = HttpSocket.post(server, "/publish", key, batch.toString());
    assertThat(first.status()).isEqualTo(201);
    assertThat(retry.body()).isEqualTo(first.body());
    assertThat(server.publish("many", "last").offset())
        .isEqualTo(position(single).offset() + entries + 1);
  }

  @Test
  void textMustBeUtf8() throws Exception {
    assertThat(postBytes("text/plain", new byte[] {'a', (byte) 0xc3})).isEqualTo(400);
    assertThat(postBytes("text/plain", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
        .isEqualTo(400);
    assertThat(postBytes("application/json", new byte[] {'"', (byte) 0xff, '"'})).isEqualTo(400);
    assertThat(postBytes("application/octet-stream", new byte[] {(byte) 0xff})).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}{}",
        "{\"a\":1,}",
        "nul",
        "[1 2]",
        "'a'",
        "\u0001",
        "{} x",
        "\uFEFF{}"
      })
  void jsonMustBeOneJsonValue(String broken) throws Exception {
    Answer answer =
        HttpSocket.post(
            server,
            "/channels/json",
            JSON + (broken.isEmpty() ? "Content-Length: 0\r\n" : ""),
            broken);
    assertThat(answer.status()).as(broken).isEqualTo(400);
    assertError(answer, 400);
    assertThat(poll("json")).isEmpty();
  }

  @Test
  void aPayloadOverTheLimitIs413() throws Exception {
    int limit = TestServer.config().limits().payload();
    Answer fits = HttpSocket.post(server, "/channels/large", TEXT, "x".repeat(limit));
    assertThat(fits.status()).isEqualTo(201);
    Answer over = HttpSocket.post(server, "/channels/large", TEXT, "x".repeat(limit + 1));
    assertThat(over.status()).isEqualTo(413);
    assertError(over, 413);
  }

  @Test
  void aLengthOverTheLimitIs413BeforeTheBodyIsSent() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "POST", "/channels/large", TEXT + "Content-Length: 999999999999\r\n", ""));
      assertThat(http.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void chunksOverTheLimitAre413() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "POST", "/channels/large", TEXT + "Transfer-Encoding: chunked\r\n", ""));
      String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
      for (int i = 0; i < 17; i++) {
        http.send(chunk);
      }
      http.send("0\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void chunksWithoutEndAre413OnceTheBodyIsOverItsLimit() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "POST", "/channels/large", TEXT + "Transfer-Encoding: chunked\r\n", ""));
      byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(UTF_8);
      int most = TestServer.config().limits().requestBody();
      for (int sent = 0; sent <= most; sent += 0x10000) {
        http.send(chunk);
      }
      assertThat(http.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void aClientThatExpectsIsToldToContinue() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server,
              "POST",
              "/channels/expect",
              TEXT + "Content-Length: 2\r\nExpect: 100-continue\r\n",
              ""));
      assertThat(http.head().status()).isEqualTo(100);
      http.send("ok");
      assertThat(http.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void aBatchIsAnsweredWithItsPositionsInOrder() throws Exception {
    Answer answer =
        HttpSocket.post(
            server,
            "/publish",
            JSON,
            """
            [{"channel":"batch-a","data":"text"},
             {"channel":"batch-b","data":{"n":1}},
             {"channel":"batch-a","base64":"AP8="}]""");
    assertThat(answer.status()).isEqualTo(201);
    List<String> channels = new ArrayList<>();
    List<StreamPosition> positions = new ArrayList<>();
    for (JsonNode entry : Json.parse(answer.body())) {
      channels.add(entry.get("channel").stringValue());
      positions.add(StreamPosition.parse(entry.get("position").stringValue()));
    }
    assertThat(channels).containsExactly("batch-a", "batch-b", "batch-a");
    assertThat(positions.get(2)).isEqualTo(positions.get(0).next());
    JsonNode a = poll("batch-a");
    assertThat(a.get(0).get("data").stringValue()).isEqualTo("text");
    assertThat(a.get(1).get("base64").stringValue()).isEqualTo("AP8=");
    assertThat(poll("batch-b").get(0).get("data").get("n").intValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"channel\":\"bad\"}",
        "{\"channel\":\"bad\",\"data\":1,\"base64\":\"AA==\"}",
        "{\"channel\":\"bad\",\"base64\":\"*\"}",
        "{\"channel\":\"bad\",\"data\":\"half a pair \\ud83d\"}",
        "{\"channel\":\"bad\",\"base64\":7}",
        "{\"channel\":\"sp ace\",\"data\":1}",
        "{\"channel\":7,\"data\":1}",
        "{\"data\":1}",
        "null",
        "[]"
      })
  void oneBadEntryPublishesNothing(String bad) throws Exception {
    String channel = "batch-" + NAMES.incrementAndGet();
    Answer answer =
        HttpSocket.post(
            server, "/publish", JSON, "[{\"channel\":\"" + channel + "\",\"data\":1}," + bad + "]");
    assertThat(answer.status()).as(bad).isEqualTo(400);
    assertError(answer, 400);
    assertThat(poll(channel)).isEmpty();
  }

  @Test
  void anEntryOverTheLimitPublishesNothing() throws Exception {
    int limit = TestServer.config().limits().payload();
    Answer answer =
        HttpSocket.post(
            server,
            "/publish",
            JSON,
            "[{\"channel\":\"batch-d\",\"data\":1},{\"channel\":\"batch-d\",\"data\":\""
                + "x".repeat(limit + 1)
                + "\"}]");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(poll("batch-d")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"channel\":\"x\",\"data\":1}", "1", "[", "[{]", ""})
  void aBatchMustBeAnArray(String body) throws Exception {
    Answer answer =
        HttpSocket.post(
            server, "/publish", JSON + (body.isEmpty() ? "Content-Length: 0\r\n" : ""), body);
    assertThat(answer.status()).as(body).isEqualTo(400);
  }

  /** What stands before the server may have looked at the other one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"channel\":\"twice-a\",\"channel\":\"twice-b\",\"data\":1",
        "\"channel\":\"twice-a\",\"data\":1,\"data\":2",
        "\"channel\":\"twice-a\",\"data\":1,\"base64\":\"AP8=\""
      })
  void anEntryHasEachPropertyOnce(String entry) throws Exception {
    Answer answer = HttpSocket.post(server, "/publish", JSON, "[{" + entry + "}]");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(poll("twice-a")).isEmpty();
    assertThat(poll("twice-b")).isEmpty();
  }

  static void assertError(Answer answer, int code) {
    JsonNode error = Json.parse(answer.body()).get("error");
    assertThat(error.get("code").intValue()).isEqualTo(code);
    assertThat(error.get("message").stringValue()).isNotBlank();
  }

  private static int postBytes(String type, byte[] body) throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server,
              "POST",
              "/channels/bytes",
              "Content-Type: " + type + "\r\nContent-Length: " + body.length + "\r\n",
              ""));
      http.send(body);
      return http.answer().status();
    }
  }

  private static JsonNode poll(String channel) throws Exception {
    Answer answer = HttpSocket.get(server, "/channels/" + channel, "");
    assertThat(answer.status()).isEqualTo(200);
    return Json.parse(answer.body()).get("publications");
  }

  private static StreamPosition position(Answer answer) {
    return StreamPosition.parse(Json.parse(answer.body()).get("position").stringValue());
  }
}
