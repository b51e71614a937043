package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.HttpSocket.Answer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Channels that nothing was published to yet. */
class UnpublishedChannelTest {
  private static final String TEXT = "Content-Type: text/plain\r\n";

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {"HTTP2_.*", "TLS_.*"})
  void whatIsPublishedBehindThePositionOfNothingIsReadFromThere(Listening way) throws Exception {
    try (TestServer server = TestServer.start(way.config())) {
      Answer nothing = HttpSocket.get(server, "/channels/new?since=latest", "");
      String position = nothing.field("halley-position").orElseThrow();
      server.publish("new", "first");
      try (Listener listener = way.open(server, "new", position)) {
        assertThat(listener.next()).isEqualTo(new Received.Text("first"));
      }
    }
  }

  @Test
  void aPollThatEndedWithoutNewsGoesOnWithoutAGap() throws Exception {
    try (TestServer server = TestServer.start()) {
      Answer waited = HttpSocket.get(server, "/channels/new?since=latest&wait=1", "");
      String position = waited.field("halley-position").orElseThrow();
      server.publish("new", "first");
      Answer next = HttpSocket.get(server, "/channels/new?wait=1&since=" + position, "");
      assertThat(next.body()).contains("\"first\"").doesNotContain("\"gap\":{");
      assertThat(server.server().metrics().internalErrors().sum()).isZero();
    }
  }

  @Test
  void whoeverReadsManyOfThemTakesNoPlaceFromAPublisher() throws Exception {
    MemoryBroker.Config few = MemoryBroker.Config.defaults().withChannels(64);
    try (TestServer server = TestServer.start(TestServer.config(), few, UnaryOperator.identity())) {
      for (int i = 0; i < 20; i++) {
        int round = i;
        String names =
            IntStream.range(0, 20)
                .mapToObj(it -> "x" + round + "." + it)
                .collect(Collectors.joining(","));
        assertThat(HttpSocket.status(server, "/channels/" + names, "")).isEqualTo(200);
        try (WebSocketClient client =
            WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
          for (int channel = 0; channel < 20; channel++) {
            client.send(
                "{\"id\":1,\"op\":\"subscribe\",\"channel\":\"y" + round + "." + channel + "\"}");
          }
          for (int channel = 0; channel < 20; channel++) {
            client.receiveText();
          }
        }
      }
      for (int i = 0; i < 32; i++) {
        assertThat(HttpSocket.post(server, "/channels/new" + i, TEXT, "x").status()).isEqualTo(201);
      }
    }
  }
}
