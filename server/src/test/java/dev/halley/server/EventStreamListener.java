package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;

/** Reads Server-Sent Events from a plain socket. */
final class EventStreamListener implements Listener {
  private final HttpSocket http;
  private final EventStream events;
  private final String start;

  EventStreamListener(TestServer server, List<String> channels, String since) throws Exception {
    http = HttpSocket.connect(server);
    http.send(
        HttpSocket.request(
            server,
            "GET",
            "/channels/" + String.join(",", channels) + "?since=" + since,
            "Accept: text/event-stream\r\n",
            ""));
    HttpSocket.Head head = http.head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.field("content-type").orElseThrow()).startsWith("text/event-stream");
    start = head.field("halley-position").orElseThrow();
    events = new EventStream(http.body(head));
  }

  @Override
  public Received next() throws Exception {
    EventStream.Event event = events.next().orElseThrow(() -> new AssertionError("It has ended"));
    return switch (event.type()) {
      case "message" -> new Received.Text(event.data());
      case "binary" -> new Received.Binary(event.data());
      case "gap" -> {
        var gap = Json.parse(event.data());
        yield Json.gap(gap.get("channel").stringValue(), gap);
      }
      default -> throw new AssertionError("An event of an unknown type: " + event);
    };
  }

  @Override
  public String cursor() {
    return events.lastEventId().isEmpty() ? start : events.lastEventId();
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
