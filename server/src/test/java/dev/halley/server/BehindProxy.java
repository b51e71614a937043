package dev.halley.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.FrontProxy.Kind;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server behind one of the proxies of docs/proxies.md, configured as that page shows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BehindProxy {
  /** The proxy connects from 127.0.0.1, clients that want to be seen from here. */
  static final String CLIENT = "127.0.0.2";

  final Kind kind;

  /** What has reached the application. */
  final Queue<Request> seen = new ConcurrentLinkedQueue<>();

  TestServer server;
  FrontProxy proxy;

  BehindProxy(Kind kind) {
    this.kind = kind;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    Application application =
        Application.builder()
            .get("/app/{n}", this::note)
            .post("/app/{n}", this::note)
            .get("/app/smuggled", this::note)
            .post("/app/smuggled", this::note)
            .build();
    server = TestServer.start(config(), application);
    proxy = FrontProxy.start(kind, directory, server.address());
    server.goBehind(proxy.port());
  }

  @AfterAll
  void stop() {
    if (proxy != null) {
      proxy.close();
    }
    server.close();
  }

  private ServerConfig config() {
    ServerConfig config =
        kind == Kind.HAPROXY_TCP
            ? TestServer.config().withTls(new Tls.SelfSigned())
            : TestServer.config();
    return config.withProxyTrust(
        new ProxyTrust(
            List.of(AddressRange.parse("127.0.0.1")),
            kind == Kind.HAPROXY_TCP
                ? ProxyTrust.Header.PROXY_PROTOCOL
                : ProxyTrust.Header.X_FORWARDED_FOR));
  }

  private Response note(Request request) {
    seen.add(request);
    return Response.text(
        request.variable("n") + " of " + request.remoteAddress().getAddress().getHostAddress());
  }

  @Test
  void theDocumentShowsTheConfigurationThatIsTested() throws Exception {
    assertThat(Tool.docs().resolve("proxies.md")).content().contains(kind.configuration());
  }

  /** All that the proxy has: WebSockets in HTTP/2 (RFC 8441) nginx doesn't speak. */
  Stream<Listening> ways() {
    return Arrays.stream(Listening.values())
        .filter(it -> kind != Kind.NGINX || !it.name().matches("HTTP2_.*(WEBSOCKET|V1)"));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void eachMessageComesAtOnceAndInOrder(Listening listening) throws Exception {
    String channel = "c-" + listening.name().toLowerCase(Locale.ROOT).replace('_', '-');
    try (Listener listener = listening.open(server, channel, "latest")) {
      for (int i = 0; i < 20; i++) {
        server.publish(channel, "one " + i);
        assertThat(listener.next()).isEqualTo(new Received.Text("one " + i));
      }
      CompletableFuture<Void> publisher =
          CompletableFuture.runAsync(
              () -> IntStream.range(0, 500).forEach(i -> server.publish(channel, "many " + i)),
              TestServer.THREADS);
      for (int i = 0; i < 500; i++) {
        assertThat(listener.next()).isEqualTo(new Received.Text("many " + i));
      }
      publisher.join();
    }
  }

  @Test
  void publishingWorksUpToTheLargestPayload() throws Exception {
    String text = "x".repeat(TestServer.config().limits().payload());
    HttpSocket.Answer answer =
        HttpSocket.post(server, "/channels/large", "Content-Type: text/plain\r\n", text);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    try (Listener listener = Listening.SSE.open(server, "large", "earliest")) {
      assertThat(listener.next()).isEqualTo(new Received.Text(text));
    }
  }

  // ---- who the client is ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "X-Forwarded-For: 203.0.113.9\r\n",
        "X-Forwarded-For: 127.0.0.1\r\nForwarded: for=203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\n",
        "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: unknown\r\n"
      })
  void theClientIsWhoConnectsToTheProxyWhateverItSays(String fields) throws Exception {
    try (Raw raw = Raw.connect(proxy, CLIENT)) {
      raw.send(HttpSocket.request(server, "GET", "/app/1", fields + "Connection: close\r\n", ""));
      assertThat(raw.all()).startsWith("HTTP/1.1 200").endsWith("1 of " + CLIENT);
    }
  }

  @Test
  void theProxysTlsMakesPlainPagesForeign() throws Exception {
    String secure = "Origin: https://" + server.authority() + "\r\n";
    String plain = "Origin: http://" + server.authority() + "\r\n";
    assertThat(HttpSocket.get(server, "/channels/a", secure).status()).isEqualTo(200);
    assertThat(HttpSocket.get(server, "/channels/a", plain).status()).isEqualTo(403);
  }

  // ---- silence ----

  /** The time-outs that are configured stand to the server's in the same way. */
  @ParameterizedTest
  @EnumSource(
      value = Listening.class,
      names = {"SSE", "WEBSOCKET"})
  void whatIsSilentIsNotCut(Listening listening, @TempDir Path other) throws Exception {
    ServerConfig beating =
        Configs.withHeartbeat(config(), Duration.ofSeconds(1), Duration.ofSeconds(3));
    try (TestServer quiet = TestServer.start(beating);
        FrontProxy shortly =
            FrontProxy.start(kind, other, Map.of(" 120s", " 3s"), quiet.address())) {
      quiet.goBehind(shortly.port());
      try (Listener listener = listening.open(quiet, "quiet", "latest")) {
        // Read meanwhile: pings are to be answered.
        CompletableFuture<Void> late =
            CompletableFuture.runAsync(
                () -> quiet.publish("quiet", "still here"),
                CompletableFuture.delayedExecutor(5, TimeUnit.SECONDS, TestServer.THREADS));
        assertThat(listener.next()).isEqualTo(new Received.Text("still here"));
        late.join();
      }
    }
  }

  @Test
  void aLongPollIsAnsweredNotCut(@TempDir Path other) throws Exception {
    try (FrontProxy shortly =
        FrontProxy.start(kind, other, Map.of(" 120s", " 3s"), server.server().address())) {
      try (Raw raw = Raw.connect(shortly, CLIENT)) {
        String fields = "Connection: close\r\n";
        raw.send(HttpSocket.request(server, "GET", "/channels/l?since=latest&wait=2", fields, ""));
        assertThat(raw.all()).startsWith("HTTP/1.1 200").contains("\"publications\":[]");
      }
    }
  }

  /** Bytes by TLS through the proxy, from an address of our choice. */
  static final class Raw implements AutoCloseable {
    private final SSLSocket socket;

    private Raw(SSLSocket socket) {
      this.socket = socket;
    }

    static Raw connect(FrontProxy proxy, String from) throws IOException {
      Socket plain = new Socket();
      plain.bind(new InetSocketAddress(from, 0));
      plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
      SSLSocket tls =
          (SSLSocket)
              Trusting.CONTEXT
                  .getSocketFactory()
                  .createSocket(plain, TestServer.HOST, proxy.port(), true);
      tls.setSoTimeout(Math.toIntExact(TestServer.PATIENCE.toMillis()));
      return new Raw(tls);
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    String all() throws IOException {
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** Reads until it has ended or nothing more comes for that long. */
    void endsOrIsSilent(Duration silence) throws IOException {
      socket.setSoTimeout(Math.toIntExact(silence.toMillis()));
      try {
        socket.getInputStream().transferTo(new ByteArrayOutputStream());
      } catch (SocketTimeoutException silent) {
        // That is what was waited for.
      } catch (IOException reset) {
        // An end, too.
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
