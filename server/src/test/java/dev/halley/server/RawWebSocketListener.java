package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import dev.halley.websocket.DeflateParameters;
import java.io.IOException;
import java.util.List;

/**
 * A WebSocket without a subprotocol: its reader counts frames from the position where it began, and
 * comes back after a gap, which closes it.
 */
final class RawWebSocketListener implements Listener {
  private static final int GAP = 4100;

  private final TestServer server;
  private final List<String> channels;
  private final List<DeflateParameters> deflateOffers;
  private final boolean http2;
  private WebSocketClient client;
  private List<String> start;
  private int frames;

  RawWebSocketListener(
      TestServer server, List<String> channels, String since, List<DeflateParameters> deflateOffers)
      throws Exception {
    this(server, channels, since, deflateOffers, false);
  }

  RawWebSocketListener(
      TestServer server,
      List<String> channels,
      String since,
      List<DeflateParameters> deflateOffers,
      boolean http2)
      throws Exception {
    this.server = server;
    this.http2 = http2;
    this.deflateOffers = deflateOffers;
    this.channels = channels;
    open(since);
  }

  @Override
  public Received next() throws Exception {
    return switch (client.receive()) {
      case WebSocketClient.Message.Text text -> {
        frames++;
        yield new Received.Text(text.text());
      }
      case WebSocketClient.Message.Binary binary -> {
        frames++;
        yield Received.binary(binary.bytes().array());
      }
      case WebSocketClient.Message.Closed closed -> reopenAfter(closed);
    };
  }

  @Override
  public String cursor() {
    if (start.size() > 1) {
      throw new IllegalStateException("A bare WebSocket can't tell its channels apart");
    }
    StreamPosition began = StreamPosition.parse(start.getFirst());
    return new StreamPosition(began.epoch(), began.offset() + frames).toString();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private Received reopenAfter(WebSocketClient.Message.Closed closed) throws Exception {
    assertThat(closed.code()).as("code of %s", closed).isEqualTo(GAP);
    String[] words = closed.reason().split(" ", -1);
    assertThat(words).hasSize(4);
    assertThat(words[0]).isEqualTo("gap");
    client.close();
    open(words[3]);
    return new Received.Gap(words[1], words[2], words[3]);
  }

  private void open(String since) throws Exception {
    String target = "/channels/" + String.join(",", channels) + "?since=" + since;
    client =
        http2
            ? WebSocketClient.openOn(
                Http2Socket.connect(server), server, target, List.of(), deflateOffers)
            : WebSocketClient.open(server, target, List.of(), "", deflateOffers);
    assertThat(client.deflate().isPresent()).isEqualTo(!deflateOffers.isEmpty());
    start = List.of(client.head().field("halley-position").orElseThrow().split(",", -1));
    frames = 0;
    assertThat(start).hasSameSizeAs(channels);
  }
}
