package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The server as {@code curl} sees it. */
class CurlIT {
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
  void curlPublishesAndPolls() throws Exception {
    String channel = server.uri("/channels/curl").toString();
    JsonNode published =
        Json.parse(Tool.curl("--header", "Content-Type: text/plain", "--data", "hello", channel));
    assertThat(published.get("channel").stringValue()).isEqualTo("curl");
    JsonNode polled = Json.parse(Tool.curl(channel));
    assertThat(polled.get("publications").get(0).get("data").stringValue()).isEqualTo("hello");
    assertThat(polled.get("position")).isEqualTo(published.get("position"));
  }

  @Test
  void whatCurlPostsWithoutATypeIsText() throws Exception {
    String channel = server.uri("/channels/curl-form").toString();
    Tool.curl("--data", "a=b", channel);
    assertThat(Json.parse(Tool.curl(channel)).get("publications").get(0).get("data").stringValue())
        .isEqualTo("a=b");
  }

  @Test
  void curlPublishesALargeBodyWhichItAsksForFirst() throws Exception {
    Path file = Files.createTempFile(Tool.build(), "large", ".bin");
    Files.write(file, new byte[1 << 20]);
    String status =
        Tool.curl(
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code}",
            "--header",
            "Expect: 100-continue",
            "--data-binary",
            "@" + file,
            server.uri("/channels/curl-large").toString());
    assertThat(status).isEqualTo("201");
    Files.delete(file);
  }

  @Test
  void aLongPollOfCurlIsAnsweredWhenSomethingComes() throws Exception {
    StreamPosition start = server.publish("curl-long", "before");
    String url = server.uri("/channels/curl-long?since=" + start).toString();
    Process curl =
        Tool.start(Tool.build(), List.of("curl", "--silent", "--header", "Prefer: wait=20", url));
    try {
      server.publish("curl-long", "news");
      String answer = new String(curl.getInputStream().readAllBytes(), UTF_8);
      assertThat(Json.parse(answer).get("publications").get(0).get("data").stringValue())
          .isEqualTo("news");
    } finally {
      curl.destroyForcibly();
    }
  }

  @Test
  void curlReadsAnEventStreamAsItComes() throws Exception {
    String url = server.uri("/channels/curl-sse").toString();
    Process curl =
        Tool.start(
            Tool.build(),
            List.of(
                "curl", "--silent", "--no-buffer", "--header", "Accept: text/event-stream", url));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(curl.getInputStream(), UTF_8))) {
      assertThat(List.of(lines.readLine(), lines.readLine(), lines.readLine()))
          .anyMatch(line -> line.startsWith("retry:"))
          .anyMatch(line -> line.startsWith("id:"))
          .contains("");
      for (int i = 0; i < 3; i++) {
        StreamPosition position = server.publish("curl-sse", "m" + i);
        String event = lines.readLine() + "\n" + lines.readLine() + "\n" + lines.readLine();
        assertThat(event).contains("m" + i).contains(position.toString());
      }
    } finally {
      curl.destroyForcibly();
    }
  }
}
