package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How connections of HTTP/2 end when the server does. */
class Http2DrainTest {
  private static final int NO_ERROR = 0;

  @Test
  void whileItAnnouncesItsEndItSendsNewRequestsElsewhereAndAnswersThoseOnTheWay() throws Exception {
    ServerConfig config = TestServer.config().withDrain(new Drain(Duration.ofSeconds(5), 500));
    try (TestServer server = TestServer.start(config);
        Http2Socket http = Http2Socket.connect(server)) {
      assertThat(http.get(server, "/channels/d").answer().status()).isEqualTo(200);
      assertThat(http.goAway()).isEmpty();
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      TestServer.await(() -> HttpSocket.get(server, "/health/ready", "").status() != 200);
      for (int i = 0; i < 2; i++) {
        assertThat(http.get(server, "/channels/d").answer().status()).isEqualTo(200);
        http.roundTrip();
        Http2Socket.Frame goAway = http.goAway().orElseThrow();
        assertThat(goAway.error()).isEqualTo(NO_ERROR);
        assertThat(ByteBuffer.wrap(goAway.payload()).getInt()).isEqualTo(Integer.MAX_VALUE);
      }
      assertThat(http.awaitEnd()).contains(NO_ERROR);
      assertThat(ByteBuffer.wrap(http.goAway().orElseThrow().payload()).getInt()).isEqualTo(5);
      closing.join();
    }
  }

  @Test
  void aRequestThatIsArrivingWhenItDrainsIsAnswered() throws Exception {
    ServerConfig config =
        Configs.withDrainTime(TestServer.config(), TestServer.PATIENCE)
            .withDrain(new Drain(Duration.ZERO, Integer.MAX_VALUE));
    try (TestServer server = TestServer.start(config);
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream publisher = http.request("POST", "/channels/d", server.authority(), false);
      publisher.send("wh".getBytes(UTF_8));
      http.roundTrip();
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      while (http.goAway().isEmpty()) {
        http.next();
      }
      http.roundTrip();
      publisher.send("ole".getBytes(UTF_8));
      publisher.end();
      assertThat(publisher.answer().status()).isEqualTo(201);
      assertThat(http.awaitEnd()).contains(NO_ERROR);
      closing.join();
    }
  }

  @Test
  void drainingAnswersSaysGoodbyeAndGoes() throws Exception {
    TestServer server = TestServer.start();
    try (Http2Socket http = Http2Socket.connect(server)) {
      StreamPosition start = server.publish("d", "before");
      Http2Socket.Stream poll = http.get(server, "/channels/d?wait=50&since=" + start);
      Http2Socket.Stream stream =
          http.request(
              "GET", "/channels/d", server.authority(), true, "accept", "text/event-stream");
      EventStream events = new EventStream(stream.body());
      assertThat(events.readBlock()).isFalse();
      WebSocketClient socket =
          WebSocketClient.openOn(http, server, "/channels/d", List.of(), List.of());
      http.roundTrip();
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      assertThat(poll.answer().status()).isEqualTo(200);
      assertThat(events.next()).isEmpty();
      assertThat(events.comments()).isNotEmpty();
      WebSocketClient.Message.Closed closed = (WebSocketClient.Message.Closed) socket.receive();
      assertThat(closed.code()).isEqualTo(1001);
      assertThat(http.awaitEnd()).contains(NO_ERROR);
      closing.join();
    } finally {
      server.close();
    }
  }
}
