package dev.halley.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the server does with what proxies say of their clients; this test is the proxy. */
class ProxyTrustTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static ServerConfig trusting(ProxyTrust.Header header) {
    return trusting(header, TestServer.config());
  }

  private static ServerConfig trusting(ProxyTrust.Header header, ServerConfig config) {
    return config.withProxyTrust(
        new ProxyTrust(List.of(AddressRange.parse("127.0.0.0/8")), header));
  }

  /** At most two connections from one address. */
  private static ServerConfig two(ServerConfig config) {
    return Configs.withConnectionsPerAddress(config, 2);
  }

  /** What the operator sees: the addresses without ports, by transport. */
  private static Map<String, String> connected(TestServer server, String... proxyHeader)
      throws IOException {
    Answer answer;
    try (HttpSocket http = HttpSocket.connect(server.address())) {
      for (String header : proxyHeader) {
        http.send(header.getBytes(ISO_8859_1));
      }
      http.send(HttpSocket.request(server, "GET", "/admin/api/connections", "", ""));
      answer = http.answer();
    }
    Map<String, String> addresses = new TreeMap<>();
    for (JsonNode line : Json.parse(answer.body()).get("connections")) {
      String address = line.get("address").stringValue();
      addresses.put(
          line.get("transport").stringValue(), address.substring(0, address.lastIndexOf(':')));
    }
    return addresses;
  }

  private static long metric(TestServer server, String name) {
    return server.server().metrics().snapshot().get(name);
  }

  // ---- fields ----

  @ParameterizedTest
  @EnumSource(
      value = ProxyTrust.Header.class,
      names = {"X_FORWARDED_FOR", "FORWARDED"})
  void theOperatorSeesTheClientOnEachTransport(ProxyTrust.Header header) throws Exception {
    String name = header == ProxyTrust.Header.FORWARDED ? "Forwarded: for=" : "X-Forwarded-For: ";
    try (TestServer server = TestServer.start(trusting(header));
        HttpSocket stream = HttpSocket.connect(server);
        HttpSocket poll = HttpSocket.connect(server);
        WebSocketClient socket =
            WebSocketClient.open(server, "/channels/a", List.of(), name + "192.0.2.1\r\n");
        WebSocketClient v1 =
            WebSocketClient.open(
                server, "/channels/a", HalleyV1Listener.SUBPROTOCOL, name + "192.0.2.2\r\n")) {
      stream.send(
          HttpSocket.request(
              server,
              "GET",
              "/channels/a",
              "Accept: text/event-stream\r\n"
                  + name
                  + q(header)
                  + "[2001:db8::3]"
                  + q(header)
                  + "\r\n",
              ""));
      assertThat(stream.head().status()).isEqualTo(200);
      assertThat(List.of(socket, v1)).allMatch(it -> it.head().status() == 101);
      poll.send(
          HttpSocket.request(
              server, "GET", "/channels/a?wait=50&since=latest", name + "192.0.2.4\r\n", ""));
      TestServer.await(
          () -> {
            try {
              return connected(server)
                  .entrySet()
                  .containsAll(
                      Map.of(
                              "websocket",
                              "192.0.2.1",
                              "halley_v1",
                              "192.0.2.2",
                              "sse",
                              "[2001:db8:0:0:0:0:0:3]",
                              "long_poll",
                              "192.0.2.4",
                              "http",
                              "127.0.0.1")
                          .entrySet());
            } catch (IOException e) {
              return false;
            }
          });
    }
  }

  private static String q(ProxyTrust.Header header) {
    return header == ProxyTrust.Header.FORWARDED ? "\"" : "";
  }

  @Test
  void theStreamsOfOneConnectionOfHttp2AreOfManyClients() throws Exception {
    ServerConfig config = trusting(ProxyTrust.Header.X_FORWARDED_FOR);
    try (TestServer server = TestServer.start(two(config));
        Http2Socket http = Http2Socket.connect(server)) {
      List<Http2Socket.Stream> streams = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        streams.add(stream(http, server, "192.0.2.5"));
        assertThat(streams.getLast().head().status()).isEqualTo(200);
      }
      assertThat(connected(server)).containsEntry("sse", "192.0.2.5");
      assertThat(stream(http, server, "192.0.2.5").head().status()).isEqualTo(503);
      assertThat(stream(http, server, "192.0.2.6").head().status()).isEqualTo(200);
      streams.getFirst().reset(8);
      http.roundTrip();
      assertThat(stream(http, server, "192.0.2.5").head().status()).isEqualTo(200);
    }
  }

  private static Http2Socket.Stream stream(Http2Socket http, TestServer server, String client)
      throws IOException {
    return http.request(
        "GET",
        "/channels/a",
        server.authority(),
        true,
        "accept",
        "text/event-stream",
        "x-forwarded-for",
        client);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAddressHasSoManyStreamsAndRequestsBehindAProxy(boolean viaPipeline) throws Exception {
    ServerConfig config = two(trusting(ProxyTrust.Header.X_FORWARDED_FOR));
    if (viaPipeline) {
      ServerConfig.Network any = config.network();
      config = config.withNetwork(new ServerConfig.Network(any.host(), 0, ServerConfig.Io.NIO, 1));
    }
    try (TestServer server = TestServer.start(config)) {
      String field = "X-Forwarded-For: 2001:db8:1:2::7\r\n";
      String sameNetwork = "X-Forwarded-For: 2001:db8:1:2:ffff::1\r\n";
      WebSocketClient first = WebSocketClient.open(server, "/channels/a", List.of(), field);
      try (WebSocketClient second =
          WebSocketClient.open(server, "/channels/a", List.of(), sameNetwork)) {
        Answer refused = HttpSocket.get(server, "/channels/a", field);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("retry-after")).isPresent();
        assertThat(metric(server, "connections_refused")).isEqualTo(1);
        assertThat(
                HttpSocket.get(server, "/channels/a", "X-Forwarded-For: 2001:db8:1:3::7\r\n")
                    .status())
            .isEqualTo(200);
        assertThat(HttpSocket.get(server, "/channels/a", "").status()).isEqualTo(200);

        first.close();
        TestServer.await(() -> statusOf(server, field) == 200);
        // A request that is over doesn't count any more.
        for (int i = 0; i < 5; i++) {
          assertThat(statusOf(server, field)).isEqualTo(200);
        }
        assertThat(second.head().status()).isEqualTo(101);
      }
    }
  }

  private static int statusOf(TestServer server, String field) {
    try {
      return HttpSocket.get(server, "/channels/a", field).status();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRequestThatIsGivenUpCountsNoMore() throws Exception {
    String field = "X-Forwarded-For: 192.0.2.7\r\n";
    try (TestServer server = TestServer.start(two(trusting(ProxyTrust.Header.X_FORWARDED_FOR)))) {
      for (int i = 0; i < 2; i++) {
        HttpSocket poll = HttpSocket.connect(server);
        poll.send(HttpSocket.request(server, "GET", "/channels/a?wait=50&since=latest", field, ""));
        TestServer.await(() -> connectedPolls(server) > 0);
        assertThat(statusOf(server, field)).isEqualTo(200);
        poll.close();
        TestServer.await(() -> connectedPolls(server) == 0);
      }
      assertThat(statusOf(server, field)).isEqualTo(200);
    }
  }

  private static long connectedPolls(TestServer server) {
    try {
      return connected(server).keySet().stream().filter("long_poll"::equals).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anAddressHasARateOfRequests() throws Exception {
    ServerConfig config =
        trusting(ProxyTrust.Header.X_FORWARDED_FOR)
            .withRates(
                new Rates(
                    Optional.of(new Rate(2, Duration.ofHours(1))),
                    Optional.empty(),
                    Optional.empty()));
    String field = "X-Forwarded-For: 192.0.2.7\r\n";
    try (TestServer server = TestServer.start(config)) {
      assertThat(statusOf(server, field)).isEqualTo(200);
      assertThat(statusOf(server, field)).isEqualTo(200);
      Answer refused = HttpSocket.get(server, "/channels/a", field);
      assertThat(refused.status()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.field("retry-after").orElseThrow())).isPositive();
      assertThat(metric(server, "request_rates_exceeded")).isEqualTo(1);
      assertThat(statusOf(server, "X-Forwarded-For: 192.0.2.8\r\n")).isEqualTo(200);
      assertThat(statusOf(server, "")).isEqualTo(200);
    }
  }

  @Test
  void whoIsNotTrustedIsNotBelieved() throws Exception {
    String lies = "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n";
    try (TestServer server = TestServer.start(two(TestServer.config()));
        WebSocketClient a = WebSocketClient.open(server, "/channels/a", List.of(), lies);
        WebSocketClient b = WebSocketClient.open(server, "/channels/a", List.of(), lies);
        WebSocketClient c = WebSocketClient.open(server, "/channels/a", List.of(), lies)) {
      assertThat(connected(server)).containsEntry("websocket", "127.0.0.1");
      assertThat(Stream.of(a, b, c)).allMatch(it -> it.head().status() == 101);
      try (HttpSocket http = HttpSocket.connect(server)) {
        http.send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
        assertThat(http.answer().status()).isEqualTo(400);
      }
    }
  }

  @Test
  void theSameOriginIsTheClientsNotTheProxys() throws Exception {
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.X_FORWARDED_FOR))) {
      String client = "X-Forwarded-For: 192.0.2.1\r\n";
      String https = client + "X-Forwarded-Proto: https\r\n";
      String http = client + "X-Forwarded-Proto: http\r\n";
      String ofSecurePage = "Origin: https://" + server.authority() + "\r\n";
      String ofPlainPage = "Origin: http://" + server.authority() + "\r\n";
      assertThat(statusOf(server, https + ofSecurePage)).isEqualTo(200);
      assertThat(statusOf(server, https + ofPlainPage)).isEqualTo(403);
      assertThat(statusOf(server, http + ofPlainPage)).isEqualTo(200);
      assertThat(statusOf(server, client + ofPlainPage)).isEqualTo(200);
      // Who isn't forwarded says nothing of how it came.
      assertThat(statusOf(server, "X-Forwarded-Proto: https\r\n" + ofPlainPage)).isEqualTo(200);
    }
  }

  // ---- the PROXY protocol ----

  private static byte[] version2(int command, String source, int port, String additions)
      throws IOException {
    byte[] address = InetAddress.getByName(source).getAddress();
    byte[] more = HexFormat.of().parseHex(additions);
    ByteBuffer body = ByteBuffer.allocate(2 * address.length + 4 + more.length);
    body.put(address).put(address).putShort((short) port).putShort((short) 80).put(more);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes(HexFormat.of().parseHex(SIGNATURE));
    header.write(0x20 | command);
    header.write(address.length == 4 ? 0x11 : 0x21);
    header.write(body.capacity() >> 8);
    header.write(body.capacity());
    header.writeBytes(body.array());
    return header.toByteArray();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  /** What an answer to a long poll's begin would be attributed to. */
  private static String clientOf(TestServer server, String header) throws IOException {
    try (HttpSocket http = HttpSocket.connect(server.address())) {
      http.send(header.getBytes(ISO_8859_1));
      http.send(
          HttpSocket.request(server, "GET", "/channels/a", "Accept: text/event-stream\r\n", ""));
      assertThat(http.head().status()).isEqualTo(200);
      return connected(server, text(version2(0, "192.0.2.99", 1, ""))).get("sse");
    }
  }

  @Test
  void aProxyAnnouncesTheClient() throws Exception {
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.PROXY_PROTOCOL))) {
      assertThat(clientOf(server, "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n"))
          .isEqualTo("192.0.2.1");
      assertThat(clientOf(server, "PROXY TCP6 2001:db8::1 fd00::1 4711 80\r\n"))
          .isEqualTo("[2001:db8:0:0:0:0:0:1]");
      assertThat(clientOf(server, "PROXY UNKNOWN\r\n")).isEqualTo("127.0.0.1");
      assertThat(clientOf(server, text(version2(1, "192.0.2.2", 4711, "")))).isEqualTo("192.0.2.2");
      assertThat(clientOf(server, text(version2(1, "2001:db8::2", 4711, ""))))
          .isEqualTo("[2001:db8:0:0:0:0:0:2]");
      assertThat(clientOf(server, text(version2(0, "192.0.2.2", 4711, "")))).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void anAnnouncedClientHasSoManyConnections() throws Exception {
    String header = "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n";
    try (TestServer server = TestServer.start(two(trusting(ProxyTrust.Header.PROXY_PROTOCOL)));
        HttpSocket first = HttpSocket.connect(server.address());
        HttpSocket second = HttpSocket.connect(server.address());
        HttpSocket third = HttpSocket.connect(server.address())) {
      for (HttpSocket http : List.of(first, second)) {
        http.send(header);
        http.send(
            HttpSocket.request(server, "GET", "/channels/a", "Accept: text/event-stream\r\n", ""));
        assertThat(http.head().status()).isEqualTo(200);
      }
      third.send(header);
      assertThat(third.answer().status()).isEqualTo(503);
      first.socket().close();
      TestServer.await(
          () -> {
            try (HttpSocket again = HttpSocket.connect(server.address())) {
              again.send(header);
              again.send(HttpSocket.request(server, "GET", "/channels/a", "", ""));
              return again.answer().status() == 200;
            } catch (IOException e) {
              return false;
            }
          });
    }
  }

  @Test
  void whatIsAnnouncedComesBeforeTls() throws Exception {
    ServerConfig config =
        trusting(
            ProxyTrust.Header.PROXY_PROTOCOL, TestServer.config().withTls(new Tls.SelfSigned()));
    try (TestServer server = TestServer.start(config);
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.getOutputStream().write(version2(1, "192.0.2.1", 4711, ""));
      SSLSocket tls =
          (SSLSocket)
              Trusting.CONTEXT.getSocketFactory().createSocket(socket, TestServer.HOST, 1, true);
      tls.getOutputStream().write("GET /health/live HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1));
      assertThat(text(tls.getInputStream().readAllBytes())).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void theProxysWordOnTlsIsThatOfTheHeader() throws Exception {
    // PP2_TYPE_SSL (0x20) with five bytes: client flags and verification
    String encrypted = text(version2(1, "192.0.2.1", 4711, "2000050100000000"));
    String plain = text(version2(1, "192.0.2.1", 4711, "2000050000000000"));
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.PROXY_PROTOCOL))) {
      String origin = "Origin: http://" + server.authority() + "\r\n";
      String request = HttpSocket.request(server, "GET", "/channels/a", origin, "");
      assertThat(answerTo(server, encrypted + request).status()).isEqualTo(403);
      assertThat(answerTo(server, plain + request).status()).isEqualTo(200);
    }
  }

  private static Answer answerTo(TestServer server, String bytes) throws IOException {
    try (HttpSocket http = HttpSocket.connect(server.address())) {
      http.send(bytes.getBytes(ISO_8859_1));
      return http.answer();
    }
  }

  @Test
  void aHeaderMayComeByteByByteAndWithTheRequestBehindIt() throws Exception {
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.PROXY_PROTOCOL));
        HttpSocket http = HttpSocket.connect(server.address())) {
      String request = HttpSocket.request(server, "GET", "/channels/a", "", "");
      for (byte b : ("PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n" + request).getBytes(ISO_8859_1)) {
        http.send(new byte[] {b});
      }
      assertThat(http.answer().status()).isEqualTo(200);
      assertThat(answerTo(server, text(version2(1, "192.0.2.1", 1, "")) + request).status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /channels/a HTTP/1.1\r\nHost: x\r\n\r\n",
        "PROXY TCP4 192.0.2.1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 99999 80\r\n",
        "PROXY TCP4 example.org 192.0.2.2 1 80\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 80\r\n",
        "PROXY SCTP 192.0.2.1 192.0.2.2 1 80\r\n",
        "PROXX TCP4 192.0.2.1 192.0.2.2 1 80\r\n",
        "\26\3\1\2\0\1\0\1\374\3\3\1\1\1\r\n",
        // version 3, an unknown command, additions of 60,000 bytes
        "\r\n\r\n\0\r\nQUIT\n\61\21\0\14\0\0\0\0\0\0\0\0\0\0\0\0",
        "\r\n\r\n\0\r\nQUIT\n\42\21\0\14\0\0\0\0\0\0\0\0\0\0\0\0",
        "\r\n\r\n\0\r\nQUIT\n\41\21\352\140\0\0\0\0\0\0\0\0\0\0\0\0",
      })
  void aConnectionOfATrustedProxyThatBeginsOtherwiseIsClosed(String bytes) throws Exception {
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.PROXY_PROTOCOL));
        HttpSocket http = HttpSocket.connect(server.address())) {
      http.send(bytes.getBytes(ISO_8859_1));
      assertThat(http.ends()).isTrue();
      TestServer.await(() -> metric(server, "proxy_header_failures") == 1);
    }
  }

  @Test
  void aHeaderWithoutAnEndIsClosed() throws Exception {
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.PROXY_PROTOCOL));
        HttpSocket http = HttpSocket.connect(server.address())) {
      http.send("PROXY TCP4 " + "1".repeat(200));
      assertThat(http.ends()).isTrue();
      TestServer.await(() -> metric(server, "proxy_header_failures") == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PROXY TCP4 192.0", "\r\n\r\n\0\r\nQUIT\n\41"})
  void aHeaderThatDoesNotComeInTimeIsClosed(String begin) throws Exception {
    ServerConfig config =
        Configs.withHandshake(trusting(ProxyTrust.Header.PROXY_PROTOCOL), Duration.ofMillis(300));
    try (TestServer server = TestServer.start(config);
        HttpSocket http = HttpSocket.connect(server.address())) {
      http.send(begin.getBytes(ISO_8859_1));
      assertThat(http.ends()).isTrue();
      TestServer.await(() -> metric(server, "proxy_header_failures") == 1);
    }
  }

  @Test
  void whatAProxyForwardsMayNotUseTheOperatorsPageWithoutAKey() throws Exception {
    try (TestServer server = TestServer.start(trusting(ProxyTrust.Header.PROXY_PROTOCOL))) {
      String request = HttpSocket.request(server, "GET", "/admin/api/overview", "", "");
      assertThat(answerTo(server, "PROXY TCP4 127.0.0.1 127.0.0.1 1 80\r\n" + request).status())
          .isEqualTo(403);
      assertThat(answerTo(server, "PROXY UNKNOWN\r\n" + request).status()).isEqualTo(403);
      assertThat(answerTo(server, text(version2(0, "127.0.0.1", 1, "")) + request).status())
          .isEqualTo(200);
    }
  }
}
