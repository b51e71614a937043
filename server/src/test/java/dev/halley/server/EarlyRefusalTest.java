package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What its head tells to be refused is refused before any of the body is waited for. */
class EarlyRefusalTest {
  private static final String KEY = "Authorization: Bearer key\r\n";
  private static final String LENGTH = "Content-Length: 1000000\r\n";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    ServerConfig keyed = Configs.withKey("key");
    // Nothing here ends because time has passed.
    server = TestServer.start(Configs.withHandshake(keyed, Duration.ofHours(1)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void sendHead(HttpSocket http, String method, String target, String fields)
      throws IOException {
    http.send(
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: "
            + server.authority()
            + "\r\n"
            + fields
            + "\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /channels/a, '', 401",
    "POST, /channels/a, Authorization: Bearer wrong, 401",
    "POST, /channels/a, 'Authorization: Bearer key|Origin: https://elsewhere.example', 403",
    "POST, /publish, '', 401",
    "POST, /channels/a:b:*, Authorization: Bearer key, 400",
    "POST, '/channels/a,b', Authorization: Bearer key, 400",
    "POST, /nothing, Authorization: Bearer key, 404",
    "PUT, /channels/a, Authorization: Bearer key, 405",
    "PUT, /publish, Authorization: Bearer key, 405",
    "POST, /health/live, '', 405",
    "POST, /channels/a/presence, Authorization: Bearer key, 405",
    "POST, /channels/a, 'Authorization: Bearer key|Idempotency-Key:', 400",
    "POST, /channels/a, 'Authorization: Bearer key|Content-Type: text/plain; charset=utf-16', 415"
  })
  void aHeadAloneIsAnswered(String method, String target, String fields, int status)
      throws Exception {
    String lines = fields.isEmpty() ? "" : fields.replace("|", "\r\n") + "\r\n";
    for (String expectation : List.of("", "Expect: 100-continue\r\n")) {
      try (HttpSocket http = HttpSocket.connect(server)) {
        sendHead(http, method, target, lines + LENGTH + expectation);
        HttpSocket.Answer answer = http.answer();
        assertThat(answer.status()).as(expectation).isEqualTo(status);
        assertThat(answer.field("connection")).contains("close");
      }
    }
  }

  @Test
  void aBodyThatIsTooLargeForItsChannelIsNotWaitedFor() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      sendHead(http, "POST", "/channels/a", KEY + "Content-Length: 2000000\r\n");
      assertThat(http.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void theAnswerArrivesThoughTheBodyIsStillSent() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      sendHead(http, "POST", "/channels/a", LENGTH);
      for (int i = 0; i < 10; i++) {
        http.send("x".repeat(100_000));
      }
      assertThat(http.answer().status()).isEqualTo(401);
    }
  }

  @Test
  void theAnswersToEarlierRequestsComeFirst() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a?wait=20", "", ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);
      sendHead(http, "POST", "/channels/a", LENGTH);
      http.send("x".repeat(1_000));
      http.send(HttpSocket.request(server, "GET", "/health/live", "", ""));
      server.publish("a", "news");
      assertThat(http.answer().body()).contains("news");
      assertThat(http.answer().status()).isEqualTo(401);
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void whoMayPublishIsToldToGoOn() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      sendHead(http, "POST", "/channels/a", KEY + "Content-Length: 5\r\nExpect: 100-continue\r\n");
      assertThat(http.head().status()).isEqualTo(100);
      http.send("hello");
      assertThat(http.answer().status()).isEqualTo(201);
    }
  }

  @Test
  void whatNeedsNoBodyKeepsNoneOfIt() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      sendHead(http, "GET", "/channels/a", "Content-Length: 100001\r\n");
      http.send("x".repeat(100_000));
      // The same connection is read on: what has come isn't kept.
      assertThat(Scrape.of(server).value("halley_arriving_bytes")).isZero();
      http.send("x");
      assertThat(http.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aStreamOfHttp2IsAnsweredByItsHead() throws Exception {
    try (Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream stream =
          http.begin(
              false,
              ":method",
              "POST",
              ":path",
              "/channels/a",
              ":scheme",
              "http",
              ":authority",
              server.authority());
      assertThat(stream.head().status()).isEqualTo(401);
      assertThat(http.goAway()).isEqualTo(Optional.empty());
    }
  }
}
