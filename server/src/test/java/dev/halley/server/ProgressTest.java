package dev.halley.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ServerConfig.Timing;
import dev.halley.server.app.Application;
import dev.halley.server.app.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Whoever makes progress isn't cut by a time-out on the whole; whoever makes none is. */
class ProgressTest {
  private static final int LARGE = 24 << 20;
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(30);

  private static Application large() {
    return Application.builder()
        .get("/large", request -> Response.of("application/octet-stream", new byte[LARGE]))
        .build();
  }

  private static ServerConfig config(Duration handshake, Duration keepAlive, Duration silence) {
    Timing t = TestServer.config().timing();
    return TestServer.config()
        .withTiming(
            new Timing(
                handshake, keepAlive, t.maxWait(), silence.dividedBy(2), silence, t.drain()));
  }

  /** A socket that takes little at a time. */
  private static Socket small(TestServer server) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 << 10);
    socket.setSoTimeout(Math.toIntExact(TestServer.PATIENCE.toMillis()));
    socket.connect(server.address());
    return socket;
  }

  private static void ask(Socket socket, TestServer server, String fields) throws IOException {
    String request = HttpSocket.request(server, "GET", "/large", fields, "");
    socket.getOutputStream().write(request.getBytes(US_ASCII));
  }

  /** On a clock, as a slow line is. */
  private static void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Test
  void anAnswerThatIsBeingTakenIsNotCutByTheKeepAliveTime() throws Exception {
    for (String fields : new String[] {"", "Connection: close\r\n"}) {
      try (TestServer server = TestServer.start(config(LONG, SHORT, LONG), large());
          Socket socket = small(server)) {
        ask(socket, server, fields);
        InputStream in = socket.getInputStream();
        for (int i = 0; i < 4; i++) {
          assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
          pass(SHORT.multipliedBy(2));
        }
        int rest = LARGE - (4 << 20);
        assertThat(in.readNBytes(rest)).hasSize(rest);
      }
    }
  }

  @Test
  void whoTakesNothingOfAnAnswerIsLetGo() throws Exception {
    try (TestServer server =
            TestServer.start(config(LONG, SHORT, Duration.ofMillis(400)), large());
        Socket socket = small(server)) {
      ask(socket, server, "");
      TestServer.await(() -> server.server().metrics().exceeded(Limit.SILENCE_TIMEOUT).sum() == 1);
    }
  }

  @Test
  void anAnswerThatIsUnderWayWhenTheServerDrainsIsTakenToItsEnd() throws Exception {
    try (TestServer server = TestServer.start(TestServer.config(), large());
        Socket socket = small(server)) {
      ask(socket, server, "");
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      TestServer.await(() -> refuses(server));
      assertThat(in.readNBytes(LARGE - (1 << 20))).hasSize(LARGE - (1 << 20));
      closing.join();
    }
  }

  private static boolean refuses(TestServer server) {
    try (Socket other = new Socket()) {
      other.connect(server.address());
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void anAnswerOnAStreamThatIsBeingTakenIsNotCut() throws Exception {
    try (TestServer server = TestServer.start(config(LONG, SHORT, LONG), large());
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream stream = http.get(server, "/large");
      InputStream in = stream.body();
      for (int i = 0; i < 4; i++) {
        assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
        pass(SHORT.multipliedBy(2));
      }
      int rest = LARGE - (4 << 20);
      assertThat(in.readNBytes(rest)).hasSize(rest);
    }
  }

  @Test
  void whoOpensNoWindowForAnAnswerIsLetGo() throws Exception {
    Duration silence = Duration.ofMillis(400);
    try (TestServer server = TestServer.start(config(LONG, SHORT, silence), large());
        Http2Socket http = Http2Socket.connect(server)) {
      Http2Socket.Stream stream = http.get(server, "/large");
      assertThat(stream.head().status()).isEqualTo(200);
      assertThat(stream.awaitReset()).isPositive();
      assertThat(server.server().metrics().exceeded(Limit.SILENCE_TIMEOUT).sum()).isPositive();
    }
  }

  @Test
  void aBodyThatGoesOnArrivingIsTaken() throws Exception {
    Duration handshake = Duration.ofSeconds(2);
    try (TestServer server = TestServer.start(config(handshake, LONG, LONG));
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "POST /channels/a HTTP/1.1\r\nHost: "
              + server.authority()
              + "\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 6; i++) {
        http.send("800\r\n" + "x".repeat(0x800) + "\r\n");
        pass(Duration.ofMillis(500));
      }
      http.send("0\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(201);
    }
  }

  /** A browser that is still sending would see a reset instead of what is wrong. */
  @Test
  void whoGoesOnSendingWhatIsRefusedMayReadWhy() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          "POST /channels/a HTTP/1.1\r\nHost: "
              + server.authority()
              + "\r\nContent-Length: 99999999\r\n\r\n");
      for (int i = 0; i < 8; i++) {
        http.send("x".repeat(1 << 10));
        pass(Duration.ofMillis(400));
      }
      assertThat(http.answer().status()).isEqualTo(413);
    }
  }
}
