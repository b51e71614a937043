package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.server.HttpSocket.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS: what is agreed on, and what becomes of who agrees on nothing. */
class TlsTest {
  private static ServerConfig config() {
    return TestServer.config().withTls(new Tls.SelfSigned());
  }

  @Test
  void whoOffersHttp2GetsIt() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpClient client = HttpClient.newBuilder().sslContext(Trusting.CONTEXT).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.uri("/channels/a"))
              .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
              .build();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(201);
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }
  }

  @Test
  void whoOffersNothingGetsHttp1() throws Exception {
    try (TestServer server = TestServer.start(config());
        SSLSocket socket = Trusting.connect(server.address())) {
      assertThat(socket.getApplicationProtocol()).isEmpty();
      socket
          .getOutputStream()
          .write(
              "GET /health/live HTTP/1.0\r\n\r\n"
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      assertThat(
              new String(
                  socket.getInputStream().readAllBytes(),
                  java.nio.charset.StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void tls13AndTls12AreSpokenWithCurrentCiphersOnly() throws Exception {
    try (TestServer server = TestServer.start(config())) {
      try (SSLSocket socket = Trusting.connect(server.address())) {
        assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      }
      try (SSLSocket socket = Trusting.unconnected(server.address())) {
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.startHandshake();
        assertThat(socket.getSession().getCipherSuite()).contains("ECDHE").contains("GCM");
      }
      try (SSLSocket socket = Trusting.unconnected(server.address())) {
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"});
        assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void aSelfSignedCertificateIsForThisMachineAndSaidByItsFingerprint() throws Exception {
    try (TestServer server = TestServer.start(config());
        SSLSocket socket = Trusting.connect(server.address())) {
      X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      certificate.verify(certificate.getPublicKey());
      certificate.checkValidity();
      assertThat(certificate.getSubjectAlternativeNames().toString())
          .contains("localhost", "127.0.0.1");
      assertThat(server.server().certificateFingerprint()).contains(fingerprint(certificate));
    }
  }

  @Test
  void plainHttpIsNoHandshake() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket plain = HttpSocket.connect(server.address())) {
      plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      plain.input().readAllBytes();
      assertThat(server.server().metrics().snapshot()).containsEntry("tls_failures", 1L);
    }
  }

  @Test
  void whoDoesNotGreetIsLetGo() throws Exception {
    try (TestServer server =
            TestServer.start(Configs.withHandshake(config(), Duration.ofMillis(300)));
        HttpSocket silent = HttpSocket.connect(server.address())) {
      assertThat(silent.ends()).isTrue();
      assertThat(server.server().metrics().snapshot()).containsEntry("tls_failures", 1L);
    }
  }

  @Test
  void aPrefaceIsNoSubstituteForAlpn() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = HttpSocket.connect(server)) {
      http.send(Http2Socket.PREFACE);
      assertThat(http.answer().status()).isEqualTo(505);
    }
  }

  @Test
  void aRefusalArrivesThoughTheClientStillSends() throws Exception {
    try (TestServer server = TestServer.start(config());
        HttpSocket http = HttpSocket.connect(server)) {
      http.send("POST /channels/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
      Answer answer = http.answer();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(http.ends()).isTrue();
    }
  }

  @Test
  void pagesOfTheSameHostWithoutTlsAreForeign() throws Exception {
    try (TestServer server = TestServer.start(config())) {
      String origin = "Origin: https://" + server.authority() + "\r\n";
      assertThat(HttpSocket.get(server, "/channels/a", origin).status()).isEqualTo(200);
      String plain = "Origin: http://" + server.authority() + "\r\n";
      assertThat(HttpSocket.get(server, "/channels/a", plain).status()).isEqualTo(403);
    }
  }

  @Test
  void drainingEndsConnectionsAndHandshakes() throws Exception {
    TestServer server = TestServer.start(config());
    try (HttpSocket silent = HttpSocket.connect(server.address());
        HttpSocket idle = HttpSocket.connect(server);
        WebSocketClient socket = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(server.server()::close, TestServer.THREADS);
      assertThat(((WebSocketClient.Message.Closed) socket.receive()).code()).isEqualTo(1001);
      assertThat(socket.ends()).isTrue();
      assertThat(idle.ends()).isTrue();
      assertThat(silent.ends()).isTrue();
      closing.join();
    } finally {
      server.close();
    }
  }

  @Test
  void filesThatCannotBeUsedEndTheStart(@TempDir Path directory) throws Exception {
    Path missing = directory.resolve("missing.pem");
    Path garbage = Files.writeString(directory.resolve("garbage.pem"), "garbage");
    for (Path file : List.of(missing, garbage)) {
      assertThatThrownBy(
              () -> TestServer.start(TestServer.config().withTls(new Tls.Files(file, file))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
  }

  static String fingerprint(X509Certificate certificate) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    return HexFormat.ofDelimiter(":").formatHex(digest).toUpperCase(Locale.ROOT);
  }
}
