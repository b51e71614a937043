package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.websocket.DeflateParameters;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A WebSocket with the subprotocol {@code halley.v1}. */
final class HalleyV1Listener implements Listener {
  static final List<String> SUBPROTOCOL = List.of("halley.v1");

  private final List<String> channels;
  private final List<String> cursors;
  private final WebSocketClient client;
  private final ArrayDeque<JsonNode> early = new ArrayDeque<>();

  HalleyV1Listener(
      TestServer server, List<String> channels, String since, List<DeflateParameters> deflateOffers)
      throws Exception {
    this(server, channels, since, deflateOffers, false);
  }

  HalleyV1Listener(
      TestServer server,
      List<String> channels,
      String since,
      List<DeflateParameters> deflateOffers,
      boolean http2)
      throws Exception {
    this.channels = channels;
    String target = "/channels/" + String.join(",", channels) + "?since=" + since;
    client =
        http2
            ? WebSocketClient.openOn(
                Http2Socket.connect(server), server, target, SUBPROTOCOL, deflateOffers)
            : WebSocketClient.open(server, target, SUBPROTOCOL, "", deflateOffers);
    assertThat(client.deflate().isPresent()).isEqualTo(!deflateOffers.isEmpty());
    assertThat(client.subprotocol()).contains("halley.v1");
    String start = client.head().field("halley-position").orElseThrow();
    cursors = new ArrayList<>(List.of(start.split(",", -1)));
    // What one channel has to tell may come before the next channel is announced.
    for (int announced = 0; announced < channels.size(); ) {
      JsonNode message = Json.parse(client.receiveText());
      if (message.has("subscribed")) {
        String channel = message.get("channel").stringValue();
        assertThat(channel).isEqualTo(channels.get(announced));
        assertThat(message.get("subscribed").get("position").stringValue())
            .isEqualTo(cursors.get(announced));
        announced++;
      } else {
        early.add(message);
      }
    }
  }

  @Override
  public Received next() throws Exception {
    JsonNode message = early.isEmpty() ? Json.parse(client.receiveText()) : early.remove();
    String channel = message.get("channel").stringValue();
    if (message.has("gap")) {
      Received.Gap gap = Json.gap(channel, message.get("gap"));
      cursors.set(channels.indexOf(channel), gap.to());
      return gap;
    }
    cursors.set(channels.indexOf(channel), message.get("position").stringValue());
    return Json.publication(message);
  }

  @Override
  public String cursor() {
    return String.join(",", cursors);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
