package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.Cursor;
import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.Tail;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import dev.halley.websocket.WebSocketProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a WebSocket may do while the broker takes its time. */
class BusyBrokerTest {
  private static final int MOST_UNCONFIRMED = 256;
  private static final int SHORT_FRAME = 32;
  private static final int LARGE = 1 << 20;
  private static final int MORE_THAN_SOCKETS_HOLD = 16;

  private final Semaphore asked = new Semaphore(0);
  private final CompletableFuture<Void> open = new CompletableFuture<>();
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    start(TestServer.config());
  }

  private void start(ServerConfig config) throws IOException {
    server =
        TestServer.start(
            config,
            MemoryBroker.Config.defaults()
                .withHistory(new HistoryLimits(10_000, 512L << 20, Duration.ofHours(1)))
                .withTotalBytes(1L << 30),
            broker -> new HeldBroker(broker, asked, open));
  }

  @AfterEach
  void stop() {
    open.complete(null);
    server.close();
  }

  @Test
  void withTooMuchUnconfirmedItIsNotReadWhateverItReads() throws Exception {
    server.close();
    start(TestServer.config().withNetwork(new Network(TestServer.HOST, 0, Io.AUTO, 1)));
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/chat", List.of(), "")) {
      for (int i = 0; i < MOST_UNCONFIRMED; i++) {
        client.send("early");
      }
      asked.acquire(MOST_UNCONFIRMED);
      for (int i = 0; i < MORE_THAN_SOCKETS_HOLD; i++) {
        server.publish("chat", "x".repeat(LARGE));
      }
      for (int i = 0; i < MORE_THAN_SOCKETS_HOLD; i++) {
        assertThat(client.receiveText()).hasSize(LARGE);
      }
      client.send("late");
      // The same loop would have read that before this.
      assertThat(HttpSocket.get(server, "/health/live", "").status()).isEqualTo(200);
      assertThat(asked.availablePermits()).as("questions to the broker").isZero();
      open.complete(null);
      List<String> received = new ArrayList<>();
      for (int i = 0; i <= MOST_UNCONFIRMED; i++) {
        received.add(client.receiveText());
      }
      assertThat(received).containsOnlyOnce("late").containsOnly("early", "late");
    }
  }

  @Test
  void aPauseOfReadingEnds() throws Exception {
    server.close();
    start(
        Configs.withHeartbeat(TestServer.config(), Duration.ofMillis(100), Duration.ofSeconds(1)));
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/chat", List.of(), "")) {
      client.send(MOST_UNCONFIRMED * SHORT_FRAME, BusyBrokerTest::writeMostUnconfirmed);
      assertThat(client.receive())
          .isEqualTo(
              new WebSocketClient.Message.Closed(
                  1013, "What came before isn't done with for too long"));
    }
    assertThat(asked.availablePermits()).isEqualTo(MOST_UNCONFIRMED);
  }

  /** At once, so that nothing is silent in between. */
  private static void writeMostUnconfirmed(WebSocketProtocol protocol, ByteBuffer out) {
    for (int i = 0; i < MOST_UNCONFIRMED; i++) {
      protocol.writeText(ByteBuffer.wrap(new byte[] {'x'}), out);
    }
  }

  @Test
  void subscriptionsUnderWayCountToo() throws Exception {
    int most = TestServer.config().limits().channelsPerConnection();
    String channels =
        IntStream.range(1, most).mapToObj(it -> "c" + it).collect(Collectors.joining(","));
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels/" + channels, HalleyV1Listener.SUBPROTOCOL, "")) {
      for (int i = 1; i < most; i++) {
        assertThat(client.receiveText()).contains("subscribed");
      }
      subscribe(client, 1, "one");
      subscribe(client, 2, "one");
      subscribe(client, 3, "two");
      asked.acquire(3);
      open.complete(null);
      List<String> answers =
          List.of(client.receiveText(), client.receiveText(), client.receiveText());
      assertThat(answers).filteredOn(it -> it.contains("\"position\"")).hasSize(1);
      assertThat(answers).filteredOn(it -> it.contains("\"error\"")).hasSize(2);
    }
  }

  /** It tells of its history a moment later, and then nobody can follow anything. */
  private record Failing(Broker broker) implements DelegatingBroker {
    @Override
    public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
      return CompletableFuture.supplyAsync(
          () -> broker.history(channel, since, limit).toCompletableFuture().join(),
          TestServer.THREADS);
    }

    @Override
    public Tail follow(String channel, Runnable onGrow) {
      throw new BrokerUnavailableException("It fails");
    }
  }

  @Test
  void whatCanNotBeFollowedAfterAllIsSaidAtOnce() throws Exception {
    try (TestServer failing =
        TestServer.start(TestServer.config(), MemoryBroker.Config.defaults(), Failing::new)) {
      for (String fields :
          List.of("Accept: text/event-stream\r\n", HttpSocket.UPGRADE, "Prefer: wait=30\r\n")) {
        assertThat(HttpSocket.status(failing, "/channels/a?since=earliest", fields))
            .as(fields)
            .isEqualTo(503);
      }
    }
  }

  private static void subscribe(WebSocketClient client, int id, String channel) throws IOException {
    client.send(
        "{\"id\":"
            + id
            + ",\"op\":\"subscribe\",\"channel\":\""
            + channel
            + "\",\"since\":\"earliest\"}");
  }
}
