package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS and HTTP/2 as curl, nghttp, h2load, OpenSSL, Node.js and Chromium see them. */
class Http2ToolsIT {
  private static TestServer plain;
  private static TestServer secure;

  @BeforeAll
  static void start() throws Exception {
    NodePackages.install();
    plain = TestServer.start();
    secure = TestServer.start(TestServer.config().withTls(new Tls.SelfSigned()));
  }

  @AfterAll
  static void stop() {
    plain.close();
    secure.close();
  }

  @Test
  void curlPublishesAndPollsOverHttp2() throws Exception {
    String write = "%{http_version} %{http_code}";
    assertThat(
            Tool.curl(
                "--http2-prior-knowledge",
                "--write-out",
                write,
                "--data",
                "hello",
                plain.uri("/channels/curl").toString()))
        .endsWith("2 201");
    String url = secure.uri("/channels/curl").toString();
    assertThat(Tool.curl("--http2", "--insecure", "--write-out", write, "--data", "hello", url))
        .endsWith("2 201");
    assertThat(Tool.curl("--http1.1", "--insecure", "--write-out", write, url))
        .contains("\"hello\"")
        .endsWith("1.1 200");
    StreamPosition position = secure.publish("curl", "more");
    assertThat(Tool.curl("--http2", "--insecure", url + "?since=" + position + "&wait=1"))
        .contains(position.toString());
  }

  @Test
  void nghttpAndH2loadGetAnswers() throws Exception {
    String answer =
        Tool.run(Tool.build(), 30, List.of("nghttp", "-v", secure.uri("/health/live").toString()));
    assertThat(answer).contains(":status: 200").contains("SETTINGS_ENABLE_CONNECT_PROTOCOL");
    String load =
        Tool.run(
            Tool.build(),
            60,
            List.of("h2load", "-n", "2000", "-c", "4", "-m", "20", plain.uri("/health/live") + ""));
    assertThat(load).contains("2000 succeeded, 0 failed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1", "-tls1_1"})
  void oldTlsIsRefused(String version) throws Exception {
    List<String> command =
        List.of("openssl", "s_client", "-connect", secure.authority(), "-cipher");
    List<String> old = new ArrayList<>(command);
    old.addAll(List.of("DEFAULT@SECLEVEL=0", version));
    assertThat(status(old)).isNotZero();
    List<String> current = new ArrayList<>(command);
    current.addAll(List.of("DEFAULT@SECLEVEL=0", "-tls1_2"));
    assertThat(status(current)).isZero();
  }

  private static int status(List<String> command) throws Exception {
    Process process = Tool.start(Tool.build(), command);
    process.getOutputStream().close();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  @Test
  void nodeSpeaksWebSocketOverHttp2() throws Exception {
    try (Script script = Script.start("http2-client.mjs", secure.uri("").toString())) {
      assertThat(script.line()).isEqualTo("connect protocol true");
      assertThat(script.line()).isEqualTo("events 200");
      assertThat(script.line()).isEqualTo("socket 200");
      assertThat(List.of(script.line(), script.line()))
          .containsExactlyInAnyOrder("event hello", "frame 129 hello");
      assertThat(script.line()).isEqualTo("closed");
    }
  }

  @Test
  void chromiumHasTwentyStreamsOnOneConnection() throws Exception {
    try (TestServer server = TestServer.start(TestServer.config().withTls(new Tls.SelfSigned()));
        Script script = Script.start("http2-browser.mjs", server.uri("").toString())) {
      assertThat(script.line()).isEqualTo("open h2");
      assertThat(server.server().metrics().snapshot())
          .containsEntry("http2_connections", 1L)
          .containsEntry("http2_websockets", 10L);
      server.publish("browser", "to all");
      assertThat(List.of(script.line(), script.line()))
          .containsExactlyInAnyOrder("sse to all", "ws to all");
    }
  }

  @Test
  void aRenewedCertificateIsShownWithoutARestart(@TempDir Path directory) throws Exception {
    Path certificate = directory.resolve("cert.pem");
    Path key = directory.resolve("key.pem");
    make(directory, "first", "ec -pkeyopt ec_paramgen_curve:P-256", "pkcs8");
    make(directory, "second", "ec -pkeyopt ec_paramgen_curve:P-384", "ec");
    make(directory, "third", "rsa:2048", "rsa");
    use(directory, "first", certificate, key);
    try (TestServer server =
            TestServer.start(TestServer.config().withTls(new Tls.Files(certificate, key)));
        HttpSocket open = HttpSocket.connect(server)) {
      ServerMetrics metrics = server.server().metrics();
      BigInteger first = serial(server);
      // One half of a renewal: the one before stays.
      Files.move(directory.resolve("second.pem"), certificate, StandardCopyOption.REPLACE_EXISTING);
      await(() -> metrics.tlsReloadFailures().sum() == 1);
      assertThat(serial(server)).isEqualTo(first);
      Files.move(directory.resolve("second.key"), key, StandardCopyOption.REPLACE_EXISTING);
      await(() -> metrics.tlsReloads().sum() == 1);
      BigInteger second = serial(server);
      assertThat(second).isNotEqualTo(first);
      use(directory, "third", certificate, key);
      await(() -> metrics.tlsReloads().sum() == 2);
      assertThat(serial(server)).isNotIn(first, second);
      open.send(HttpSocket.request(server, "GET", "/health/live", "", ""));
      assertThat(open.answer().status()).as("of a connection that was open").isEqualTo(200);
    }
  }

  /** Makes NAME.pem and NAME.key. */
  private static void make(Path directory, String name, String algorithm, String form)
      throws Exception {
    Tool.run(
        directory,
        30,
        List.of(
            "sh",
            "-c",
            "openssl req -x509 -newkey "
                + algorithm
                + " -nodes -subj /CN="
                + name
                + " -keyout new.key -out "
                + name
                + ".pem -days 2 2>/dev/null"));
    String convert =
        switch (form) {
          case "ec" -> "openssl ec -in new.key";
          case "rsa" -> "openssl rsa -traditional -in new.key";
          default -> "cat new.key";
        };
    Tool.run(directory, 30, List.of("sh", "-c", convert + " 2>/dev/null >" + name + ".key"));
  }

  private static void use(Path directory, String name, Path certificate, Path key)
      throws IOException {
    Files.move(directory.resolve(name + ".key"), key, StandardCopyOption.REPLACE_EXISTING);
    Files.move(directory.resolve(name + ".pem"), certificate, StandardCopyOption.REPLACE_EXISTING);
  }

  private static BigInteger serial(TestServer server) throws Exception {
    try (SSLSocket socket = Trusting.connect(server.address())) {
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  private static void await(BooleanSupplier event) {
    long deadline = System.nanoTime() + TestServer.PATIENCE.toNanos();
    while (!event.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("it came in time").isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }
}
