package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.StreamPosition;
import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How connections end when the server does. */
class DrainTest {
  @Test
  void aParkedPollIsAnsweredWithWhatThereIs() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket http = HttpSocket.connect(server)) {
      StreamPosition start = server.publish("d", "before");
      http.send(HttpSocket.request(server, "GET", "/channels/d?wait=50&since=" + start, "", ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(Json.parse(answer.body()).get("position").stringValue())
          .isEqualTo(start.toString());
      assertThat(http.ends()).isTrue();
      closing.join();
    }
  }

  @Test
  void anEventStreamEndsWithAComment() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(server, "GET", "/channels/d", "Accept: text/event-stream\r\n", ""));
      EventStream events = new EventStream(http.body(http.head()));
      assertThat(events.readBlock()).isFalse();
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      assertThat(events.next()).isEmpty();
      assertThat(events.comments()).isNotEmpty();
      closing.join();
    }
  }

  @Test
  void webSocketsAreClosedWith1001() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient bare = WebSocketClient.open(server, "/channels/d", List.of(), "");
        WebSocketClient v1 =
            WebSocketClient.open(server, "/channels/d", HalleyV1Listener.SUBPROTOCOL, "")) {
      v1.receiveText();
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      assertThat(((WebSocketClient.Message.Closed) bare.receive()).code()).isEqualTo(1001);
      assertThat(((WebSocketClient.Message.Closed) v1.receive()).code()).isEqualTo(1001);
      assertThat(bare.ends()).isTrue();
      closing.join();
    }
  }

  @Test
  void aCloseThatIsInterruptedLeavesNothingOpen() throws Exception {
    ServerConfig config = TestServer.config().withDrain(new Drain(Duration.ofMinutes(10), 500));
    try (TestServer server = TestServer.start(config);
        HttpSocket idle = HttpSocket.connect(server);
        WebSocketClient stream =
            WebSocketClient.open(server, "/channels/d", HalleyV1Listener.SUBPROTOCOL, "")) {
      idle.send(HttpSocket.request(server, "GET", "/channels/d", "", ""));
      assertThat(idle.answer().status()).isEqualTo(200);
      stream.receiveText();
      Thread closing = new Thread(server.server()::close);
      closing.start();
      closing.interrupt();
      assertThat(idle.ends()).isTrue();
      // It may have been told before it was cut.
      assertThat(stream.receive()).isInstanceOf(WebSocketClient.Message.Closed.class);
      assertThat(stream.ends()).isTrue();
      assertThat(closing.join(TestServer.PATIENCE)).isTrue();
    }
  }

  @Test
  void whileItAnnouncesItsEndItIsNotReadyAndTakesConnectionsAndEachAnswerIsTheLast()
      throws Exception {
    ServerConfig config = TestServer.config().withDrain(new Drain(Duration.ofSeconds(6), 500));
    try (TestServer server = TestServer.start(config);
        HttpSocket kept = HttpSocket.connect(server);
        HttpSocket idle = HttpSocket.connect(server)) {
      kept.send(HttpSocket.request(server, "GET", "/channels/d", "", ""));
      assertThat(kept.answer().field("connection")).isEmpty();
      idle.send(HttpSocket.request(server, "GET", "/channels/d", "", ""));
      assertThat(idle.answer().status()).isEqualTo(200);

      Thread closing = new Thread(server.server()::close);
      closing.start();
      TestServer.await(() -> HttpSocket.get(server, "/health/ready", "").status() != 200);

      assertThat(HttpSocket.get(server, "/health/ready", "").status()).isEqualTo(503);
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
      assertThat(
              HttpSocket.post(server, "/channels/d", "Content-Type: text/plain\r\n", "still")
                  .status())
          .isEqualTo(201);
      kept.send(HttpSocket.request(server, "GET", "/channels/d", "", ""));
      Answer last = kept.answer();
      assertThat(last.body()).contains("still");
      assertThat(last.field("connection")).contains("close");
      assertThat(kept.ends()).isTrue();

      assertThat(idle.ends()).isTrue();
      closing.join();
      assertThat(connects(server)).isFalse();
    }
  }

  @Test
  void aRequestThatIsArrivingIsAnswered() throws Exception {
    ServerConfig.Network any = TestServer.config().network();
    ServerConfig config =
        Configs.withDrainTime(TestServer.config(), TestServer.PATIENCE)
            .withNetwork(new ServerConfig.Network(any.host(), 0, any.io(), 1))
            .withDrain(new Drain(Duration.ZERO, Integer.MAX_VALUE));
    try (TestServer server = TestServer.start(config);
        HttpSocket publisher = HttpSocket.connect(server);
        HttpSocket idle = HttpSocket.connect(server)) {
      String request = HttpSocket.request(server, "POST", "/channels/d", "", "whole");
      publisher.send(request.substring(0, request.length() - 2));
      idle.send(HttpSocket.request(server, "GET", "/channels/d", "", ""));
      assertThat(idle.answer().status()).isEqualTo(200);

      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      assertThat(idle.ends()).isTrue();
      publisher.send(request.substring(request.length() - 2));

      Answer answer = publisher.answer();
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.field("connection")).contains("close");
      assertThat(publisher.ends()).isTrue();
      closing.join();
    }
  }

  @Test
  void streamsAreToldAtDifferentMomentsAndToComeBackAfterDifferentTimes() throws Exception {
    int streams = 40;
    ServerConfig config =
        Configs.withDrainTime(TestServer.config(), TestServer.PATIENCE)
            .withDrain(new Drain(Duration.ZERO, streams));
    List<HttpSocket> sockets = new ArrayList<>();
    try (TestServer server = TestServer.start(config)) {
      List<CompletableFuture<Leave>> leaves = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        HttpSocket http = HttpSocket.connect(server);
        sockets.add(http);
        http.send(
            HttpSocket.request(server, "GET", "/channels/d", "Accept: text/event-stream\r\n", ""));
        EventStream events = new EventStream(http.body(http.head()));
        assertThat(events.readBlock()).isFalse();
        leaves.add(CompletableFuture.supplyAsync(() -> leave(events), TestServer.THREADS));
      }
      long began = System.nanoTime();
      server.server().close();

      List<Leave> all = leaves.stream().map(CompletableFuture::join).toList();
      assertThat(all.stream().mapToInt(Leave::retryMillis))
          .allMatch(millis -> millis >= 1_000 && millis < 3_000);
      assertThat(all.stream().map(Leave::retryMillis).distinct()).hasSizeGreaterThan(10);
      long first = all.stream().mapToLong(Leave::nanoTime).min().orElseThrow();
      long last = all.stream().mapToLong(Leave::nanoTime).max().orElseThrow();
      assertThat(Duration.ofNanos(last - first)).isGreaterThan(Duration.ofMillis(300));
      assertThat(Duration.ofNanos(last - began)).isLessThan(config.timing().drain());
    } finally {
      for (HttpSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private record Leave(long nanoTime, int retryMillis) {}

  private static Leave leave(EventStream events) {
    try {
      assertThat(events.next()).isEmpty();
      return new Leave(System.nanoTime(), events.retryMillis().orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoDoesNotLeaveIsCutOffAfterTheDrainTime() throws Exception {
    TestServer server = TestServer.start();
    try (WebSocketClient stubborn = WebSocketClient.open(server, "/channels/d", List.of(), "")) {
      long began = System.nanoTime();
      server.close();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TestServer.PATIENCE);
      assertThat(((WebSocketClient.Message.Closed) stubborn.receive()).code()).isEqualTo(1001);
    } finally {
      server.close();
    }
  }

  @Test
  void aServerThatHasClosedAcceptsNobody() throws Exception {
    TestServer server = TestServer.start();
    server.close();
    server.close();
    assertThat(connects(server)).isFalse();
  }

  @Test
  void aPortInUseIsAnErrorThatSaysWhere() throws Exception {
    try (TestServer server = TestServer.start()) {
      ServerConfig.Network n = TestServer.config().network();
      int port = server.address().getPort();
      ServerConfig same =
          TestServer.config()
              .withNetwork(new ServerConfig.Network(n.host(), port, n.io(), n.threads()));
      assertThatThrownBy(() -> TestServer.start(same))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(port));
    }
  }

  @Test
  void connectionsOverTheLimitAre503AndToldToComeBack() throws Exception {
    try (TestServer server = TestServer.start(Configs.withConnections(2));
        WebSocketClient first = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      try (WebSocketClient second = WebSocketClient.open(server, "/channels/a", List.of(), "");
          HttpSocket third = HttpSocket.connect(server)) {
        third.send(HttpSocket.request(server, "GET", "/channels/a", "", ""));
        Answer answer = third.answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("retry-after")).isPresent();
        second.sendClose(1000, "");
        assertThat(second.receive()).isInstanceOf(WebSocketClient.Message.Closed.class);
        assertThat(second.ends()).isTrue();
      }
      assertThat(first.head().status()).isEqualTo(101);
      // The end of the second one's side is still on its way.
      TestServer.await(() -> HttpSocket.get(server, "/channels/a", "").status(), it -> it == 200);
    }
  }

  private static boolean connects(TestServer server) {
    try (HttpSocket http = HttpSocket.connect(server)) {
      return !http.ends();
    } catch (IOException refused) {
      return false;
    }
  }
}
