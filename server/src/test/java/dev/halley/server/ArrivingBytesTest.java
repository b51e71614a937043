package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;

/** What has arrived and isn't done with has one bound, whatever it is and wherever it waits. */
class ArrivingBytesTest {
  private static final int KIB = 1 << 10;
  private static final String HELD = "halley_arriving_bytes";
  private static final String TEXT = "Content-Type: text/plain\r\n";

  /** With so many bytes for all that arrives, and as many for one address. */
  private static ServerConfig config(long bytes) {
    return TestServer.config()
        .withEchoPath("/echo")
        .withArriving(Arriving.defaults().withBytes(bytes, bytes));
  }

  private static void awaitHeld(TestServer server, DoublePredicate wanted) throws Exception {
    Scrape.until(server, HELD, wanted);
  }

  /** A body of which so much comes, and never the rest. */
  private static HttpSocket unfinished(TestServer server, String fields, int length)
      throws IOException {
    HttpSocket http = HttpSocket.connect(server);
    http.send(
        "POST /channels/a HTTP/1.1\r\nHost: "
            + server.authority()
            + "\r\n"
            + TEXT
            + fields
            + "Content-Length: "
            + (length + 1)
            + "\r\n\r\n");
    http.send("x".repeat(length));
    return http;
  }

  private static long exceeded(TestServer server, Limit limit) {
    return server.server().metrics().exceeded(limit).sum();
  }

  @Test
  void anUnfinishedBodyCountsAsLongAsItIsThere() throws Exception {
    try (TestServer server = TestServer.start(config(1024 * KIB))) {
      HttpSocket http = unfinished(server, "", 100 * KIB);
      awaitHeld(server, held -> held >= 100 * KIB);
      http.close();
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void unfinishedBodiesAreRefusedWhereThereIsNoRoomAndOthersAreServed() throws Exception {
    try (TestServer server = TestServer.start(config(1024 * KIB))) {
      List<HttpSocket> attackers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        attackers.add(unfinished(server, "", 300 * KIB));
      }
      TestServer.await(() -> exceeded(server, Limit.ARRIVING_BYTES), it -> it >= 6);
      HttpSocket.Answer small = HttpSocket.post(server, "/channels/a", TEXT, "small");
      assertThat(small.status()).isEqualTo(201);
      try (HttpSocket parts = unfinished(server, "", 30 * KIB)) {
        awaitHeld(server, held -> held >= 30 * KIB);
        parts.send("x");
        assertThat(parts.answer().status()).isEqualTo(201);
      }
      try (HttpSocket late = unfinished(server, "", 800 * KIB)) {
        HttpSocket.Head head = late.head();
        assertThat(head.status()).isEqualTo(503);
        assertThat(head.field("retry-after")).isPresent();
      }
      for (HttpSocket attacker : attackers) {
        attacker.close();
      }
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void unfinishedMessagesCountAndAreRefused() throws Exception {
    try (TestServer server = TestServer.start(config(1024 * KIB))) {
      List<WebSocketClient> attackers = new ArrayList<>();
      for (String path : List.of("/echo", "/channels/a", "/channels", "/echo")) {
        List<String> protocols =
            path.equals("/channels") ? HalleyV1Listener.SUBPROTOCOL : List.of();
        attackers.add(WebSocketClient.open(server, path, protocols, ""));
      }
      for (WebSocketClient attacker : attackers) {
        // an unfinished text message of 400 KiB, whose mask is 0
        byte[] frame = new byte[14 + 400 * KIB];
        frame[0] = (byte) 0x81;
        frame[1] = (byte) 0xff;
        frame[7] = 0x08; // of 512 KiB
        Arrays.fill(frame, 14, frame.length, (byte) 'x');
        attacker.sendRaw(frame);
      }
      TestServer.await(() -> exceeded(server, Limit.ARRIVING_BYTES), it -> it >= 3);
      assertThat(HttpSocket.post(server, "/channels/a", TEXT, "small").status()).isEqualTo(201);
      for (WebSocketClient attacker : attackers) {
        attacker.close();
      }
      assertThat(server.server().metrics().snapshot().get("websocket_protocol_errors")).isZero();
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void aMessageThatThereIsNoRoomForEndsWith1013() throws Exception {
    try (TestServer server = TestServer.start(config(128 * KIB));
        WebSocketClient client = WebSocketClient.open(server, "/echo", List.of(), "")) {
      byte[] frame = new byte[14 + 200 * KIB];
      frame[0] = (byte) 0x82;
      frame[1] = (byte) 0xff;
      frame[7] = 0x08;
      client.sendRaw(frame);
      WebSocketClient.Message.Closed closed = (WebSocketClient.Message.Closed) client.receive();
      assertThat(closed.code()).isEqualTo(1013);
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void bodiesOfHttp2Count() throws Exception {
    try (TestServer server = TestServer.start(config(256 * KIB))) {
      sendBodies(server);
      awaitHeld(server, held -> held == 0);
    }
  }

  /** Unfinished bodies on streams of one connection, which ends with the last of them. */
  private static void sendBodies(TestServer server) throws Exception {
    try (Http2Socket http = Http2Socket.connect(server)) {
      List<Http2Socket.Stream> streams = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Http2Socket.Stream stream =
            http.begin(
                false,
                ":method",
                "POST",
                ":path",
                "/channels/a",
                ":scheme",
                "http",
                ":authority",
                server.authority());
        for (int part = 0; part < 3; part++) {
          http.send(Http2Socket.DATA, 0, stream.id(), new byte[16 * KIB]);
        }
        streams.add(stream);
      }
      TestServer.await(() -> exceeded(server, Limit.ARRIVING_BYTES), it -> it > 0);
      assertThat(streams.getLast().head().status()).isEqualTo(503);
      assertThat(HttpSocket.post(server, "/channels/a", TEXT, "small").status()).isEqualTo(201);
    }
  }

  @Test
  void chunksOfOneByteTakeUpWhatTheyBring() throws Exception {
    try (TestServer server = TestServer.start(config(1024 * KIB));
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "POST /channels/a HTTP/1.1\r\nHost: "
              + server.authority()
              + "\r\n"
              + TEXT
              + "Transfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 20; i++) {
        http.send("1\r\nx\r\n".repeat(1_000));
      }
      awaitHeld(server, held -> held >= 20_000 && held <= 2 * 20_000);
      http.send("0\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(201);
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void requestsThatWaitForAnEarlierOneCount() throws Exception {
    try (TestServer server = TestServer.start(config(64 * KIB));
        HttpSocket http = HttpSocket.connect(server)) {
      String wait = HttpSocket.request(server, "GET", "/channels/a?wait=20", "", "");
      http.send(wait);
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);
      http.send(HttpSocket.request(server, "GET", "/health/live", "", "").repeat(500));
      TestServer.await(() -> exceeded(server, Limit.ARRIVING_BYTES), it -> it > 0);
      server.publish("a", "x");
      assertThat(http.answer().body()).contains("\"x\"");
      HttpSocket.Answer answer = http.answer();
      while (answer.status() == 200) {
        answer = http.answer();
      }
      assertThat(answer.status()).isEqualTo(503);
      assertThat(http.ends()).isTrue();
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void aHeadThatComesInPartsCounts() throws Exception {
    try (TestServer server = TestServer.start(config(1024 * KIB))) {
      try (HttpSocket http = HttpSocket.connect(server)) {
        http.send("GET /health/live HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(10_000));
        awaitHeld(server, held -> held >= 10_000);
        http.send("\r\n\r\n");
        assertThat(http.answer().status()).isEqualTo(200);
        awaitHeld(server, held -> held == 0);
        http.send("GET /health/live HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(10_000));
        awaitHeld(server, held -> held >= 10_000);
      }
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void headsWithoutEndAreRefusedAndOthersAreServed() throws Exception {
    try (TestServer server = TestServer.start(config(256 * KIB))) {
      List<HttpSocket> attackers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        HttpSocket http = HttpSocket.connect(server);
        http.send("GET /health/live HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(10_000));
        attackers.add(http);
      }
      TestServer.await(() -> exceeded(server, Limit.ARRIVING_BYTES), it -> it > 0);
      assertThat(HttpSocket.post(server, "/channels/a", TEXT, "small").status()).isEqualTo(201);
      for (HttpSocket attacker : attackers) {
        attacker.close();
      }
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void whatIsNotConfirmedCountsWhetherItsClientIsThereOrNot() throws Exception {
    Semaphore asked = new Semaphore(0);
    CompletableFuture<Void> open = new CompletableFuture<>();
    try (TestServer server =
        TestServer.start(
            config(1024 * KIB),
            MemoryBroker.Config.defaults(),
            broker -> new HeldBroker(broker, asked, open))) {
      try (HttpSocket http = HttpSocket.connect(server);
          WebSocketClient socket = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
        http.send(HttpSocket.request(server, "POST", "/channels/a", TEXT, "x".repeat(50 * KIB)));
        socket.send("y".repeat(50 * KIB));
        asked.acquire(2);
        awaitHeld(server, held -> held >= 100 * KIB);
      }
      Scrape.until(server, "halley_connections{transport=\"websocket\"}", it -> it == 0);
      awaitHeld(server, held -> held >= 100 * KIB);
      open.complete(null);
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void whatWaitsForTheApplicationCountsWhetherItsClientIsThereOrNot() throws Exception {
    Semaphore open = new Semaphore(0);
    try (FakeApplication application = new FakeApplication();
        TestServer server = TestServer.start(config(1024 * KIB).withHooks(application.hooks()))) {
      application.replies(
          question -> {
            open.acquire();
            FakeApplication.YES.to(question);
          });
      try (HttpSocket http = HttpSocket.connect(server)) {
        http.send(HttpSocket.request(server, "POST", "/channels/a", TEXT, "x".repeat(50 * KIB)));
        awaitHeld(server, bytes -> bytes >= 50 * KIB);
      }
      awaitHeld(server, bytes -> bytes >= 50 * KIB);
      open.release();
      awaitHeld(server, bytes -> bytes == 0);
    }
  }

  @Test
  void oneAddressLeavesRoomForTheOthers() throws Exception {
    ServerConfig config =
        config(1024 * KIB)
            .withProxyTrust(
                new ProxyTrust(
                    List.of(AddressRange.parse("127.0.0.0/8")), ProxyTrust.Header.X_FORWARDED_FOR))
            .withArriving(Arriving.defaults().withBytes(1024 * KIB, 256 * KIB));
    try (TestServer server = TestServer.start(config)) {
      try (HttpSocket one = unfinished(server, "X-Forwarded-For: 192.0.2.1\r\n", 300 * KIB);
          HttpSocket other = unfinished(server, "X-Forwarded-For: 192.0.2.2\r\n", 60 * KIB)) {
        assertThat(one.head().status()).isEqualTo(503);
        other.send("x");
        assertThat(other.answer().status()).isEqualTo(201);
      }
      assertThat(exceeded(server, Limit.ARRIVING_BYTES_PER_ADDRESS)).isEqualTo(1);
    }
  }

  @Test
  void aBodyThatWasOnlyAnnouncedIsNotWaitedFor() throws Exception {
    Duration handshake = Duration.ofMillis(300);
    try (TestServer server = TestServer.start(Configs.withHandshake(config(16 << 20), handshake));
        HttpSocket http = HttpSocket.connect(server)) {
      // At 16 KiB in a second it would have eight minutes.
      http.send(
          "POST /channels/a HTTP/1.1\r\nHost: "
              + server.authority()
              + "\r\nContent-Type: application/octet-stream\r\nContent-Length: 1048576\r\n\r\nx");
      assertThat(http.head().status()).isEqualTo(408);
      awaitHeld(server, held -> held == 0);
    }
  }

  @Test
  void aMessageThatDoesNotGoOnEndsItsConnection() throws Exception {
    ServerConfig config = Configs.withHandshake(config(16 << 20), Duration.ofMillis(300));
    for (Io io : List.of(Io.AUTO, Io.NIO)) {
      Network other = new Network(TestServer.HOST, 0, io, 2);
      try (TestServer server = TestServer.start(config.withNetwork(other));
          WebSocketClient client = WebSocketClient.open(server, "/echo", List.of(), "")) {
        byte[] frame = new byte[14 + 100 * KIB];
        frame[0] = (byte) 0x82;
        frame[1] = (byte) 0xff;
        frame[7] = 0x08;
        client.sendRaw(frame);
        WebSocketClient.Message.Closed closed = (WebSocketClient.Message.Closed) client.receive();
        assertThat(closed.code()).isEqualTo(1008);
        awaitHeld(server, held -> held == 0);
      }
    }
  }
}
