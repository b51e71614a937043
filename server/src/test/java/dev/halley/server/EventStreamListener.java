package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads Server-Sent Events from a plain socket. */
final class EventStreamListener implements Listener {
  private final Wire http;
  private final EventStream events;
  private final String start;
  private final boolean objects;

  EventStreamListener(TestServer server, List<String> channels, String since, boolean objects)
      throws Exception {
    this(server, channels, since, objects, false);
  }

  EventStreamListener(
      TestServer server, List<String> channels, String since, boolean objects, boolean http2)
      throws Exception {
    this.objects = objects;
    String target =
        "/channels/"
            + String.join(",", channels)
            + "?since="
            + since
            + (objects ? "&form=halley.v1" : "");
    HttpSocket.Head head;
    InputStream body;
    if (http2) {
      Http2Socket.Stream stream =
          Http2Socket.connect(server)
              .request("GET", target, server.authority(), true, "accept", "text/event-stream");
      http = stream;
      head = stream.head();
      body = stream.input();
    } else {
      HttpSocket socket = HttpSocket.connect(server);
      http = socket;
      String accept = "Accept: text/event-stream\r\n";
      socket.send(HttpSocket.request(server, "GET", target, accept, ""));
      head = socket.head();
      body = socket.body(head);
    }
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.field("content-type").orElseThrow()).startsWith("text/event-stream");
    start = head.field("halley-position").orElseThrow();
    events = new EventStream(body);
    // What one channel has to tell comes after all channels have been announced.
    for (int i = 0; objects && i < channels.size(); i++) {
      JsonNode message = Json.parse(event().data());
      assertThat(message.get("channel").stringValue()).isEqualTo(channels.get(i));
      assertThat(message.get("subscribed").get("position").stringValue())
          .isEqualTo(start.split(",", -1)[i]);
      assertThat(events.lastEventId()).isEqualTo(start);
    }
  }

  @Override
  public Received next() throws Exception {
    EventStream.Event event = event();
    if (objects) {
      assertThat(event.type()).isEqualTo("message");
      JsonNode message = Json.parse(event.data());
      return message.has("gap")
          ? Json.gap(message.get("channel").stringValue(), message.get("gap"))
          : Json.publication(message);
    }
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

  private EventStream.Event event() throws IOException {
    return events.next().orElseThrow(() -> new AssertionError("It has ended"));
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
