package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {
  private static final List<String> EVENTS =
      List.of("dev.halley.Connection", "dev.halley.Publication", "dev.halley.SlowConsumer");

  @TempDir private Path directory;

  private List<RecordedEvent> events(Recording recording) throws Exception {
    recording.stop();
    Path file = directory.resolve("events.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file);
  }

  /** Of this test's channel: others may run in this JVM at the same time. */
  private static List<RecordedEvent> here(List<RecordedEvent> events, String name) {
    return named(events, name).stream()
        .filter(event -> event.getString("channel").equals("flight"))
        .toList();
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
  }

  @Test
  void connectionsPublicationsAndSlowConsumersAreEvents() throws Exception {
    try (Recording recording = new Recording()) {
      EVENTS.forEach(recording::enable);
      recording.start();
      String request;
      String socket;
      try (TestServer server = TestServer.start()) {
        try (HttpSocket http = HttpSocket.connect(server)) {
          request = "/127.0.0.1:" + http.socket().getLocalPort();
          http.send(HttpSocket.request(server, "POST", "/channels/flight", "", "hello"));
          assertThat(http.answer().status()).isEqualTo(201);
        }
        try (HttpSocket http = HttpSocket.connect(server)) {
          socket = "/127.0.0.1:" + http.socket().getLocalPort();
          String target = "/channels/flight?since=latest";
          http.send(HttpSocket.request(server, "GET", target, HttpSocket.UPGRADE, ""));
          assertThat(http.head().status()).isEqualTo(101);
          while (Scrape.of(server).value("halley_subscriptions_slowed_total{pattern=\"*\"}") == 0) {
            server.publish("flight", "x".repeat(500_000));
          }
        }
      }
      List<RecordedEvent> events = events(recording);

      assertThat(here(events, "dev.halley.Publication"))
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.getString("position")).endsWith(":1");
                assertThat(event.getString("type")).isEqualTo("BINARY");
                assertThat(event.getLong("bytes")).isEqualTo(5);
              });
      assertThat(here(events, "dev.halley.SlowConsumer"))
          .isNotEmpty()
          .allSatisfy(event -> assertThat(event.getString("transport")).isEqualTo("websocket"));
      assertThat(named(events, "dev.halley.Connection"))
          .filteredOn(event -> event.getDuration().isPositive())
          .extracting(event -> event.getString("transport") + event.getString("remoteAddress"))
          .contains("http" + request, "websocket" + socket);
    }
  }
}
