package dev.halley.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import dev.halley.server.WebSocketClient.Message;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes and frames that break a rule. After each of them the server still serves. */
class MalformedWebSocketTest {
  private static final String UPGRADE = "Upgrade: websocket\r\n";
  private static final String CONNECTION = "Connection: Upgrade\r\n";
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
  private static final String GOOD = UPGRADE + CONNECTION + KEY + VERSION;

  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void itStillServes() throws Exception {
    assertThat(HttpSocket.get(server, "/channels/alive", "").status()).isEqualTo(200);
  }

  @Test
  void theAcceptIsTheOneOfTheRfc() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/a", GOOD, ""));
      HttpSocket.Head head = http.head();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.field("sec-websocket-accept")).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(head.field("sec-websocket-protocol")).isEmpty();
    }
  }

  @Test
  void theVersionMustBe13() throws Exception {
    Answer answer = handshake(UPGRADE + CONNECTION + KEY + "Sec-WebSocket-Version: 8\r\n");
    assertThat(answer.status()).isEqualTo(426);
    assertThat(answer.field("sec-websocket-version")).contains("13");
    assertThat(answer.field("upgrade")).contains("websocket");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Sec-WebSocket-Key: \r\n",
        "Sec-WebSocket-Key: short\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSBpcyBsb25n\r\n",
        "Sec-WebSocket-Key: ****************************\r\n",
        KEY + KEY
      })
  void theKeyMustBe16BytesInBase64(String key) throws Exception {
    assertThat(handshake(UPGRADE + CONNECTION + VERSION + key).status()).isEqualTo(400);
  }

  @Test
  void theVersionMustBeThereOnce() throws Exception {
    assertThat(handshake(UPGRADE + CONNECTION + KEY).status()).isEqualTo(400);
    assertThat(handshake(UPGRADE + CONNECTION + KEY + VERSION + VERSION).status()).isEqualTo(400);
  }

  @Test
  void connectionMustContainUpgrade() throws Exception {
    assertThat(handshake(UPGRADE + "Connection: keep-alive\r\n" + KEY + VERSION).status())
        .isIn(400, 426);
  }

  @Test
  void onlyAGetIsUpgraded() throws Exception {
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
      Answer answer =
          HttpSocket.exchange(
              server,
              HttpSocket.request(
                  server, method, "/channels/other", GOOD + "Content-Length: 0\r\n", ""));
      assertThat(answer.status()).as(method).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void http10HasNothingToUpgradeToAndIsAPoll() throws Exception {
    Answer answer =
        HttpSocket.exchange(
            server,
            "GET /channels/a HTTP/1.0\r\nHost: " + server.authority() + "\r\n" + GOOD + "\r\n");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"publications\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "halley.v1, halley.v1", "\"x\""})
  void subprotocolsMustBeUniqueTokens(String offered) throws Exception {
    assertThat(handshake(GOOD + "Sec-WebSocket-Protocol: " + offered + "\r\n").status())
        .isEqualTo(400);
  }

  @Test
  void anUnknownSubprotocolIsNotChosen() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(
          HttpSocket.request(
              server, "GET", "/channels/a", GOOD + "Sec-WebSocket-Protocol: mqtt\r\n", ""));
      HttpSocket.Head head = http.head();
      assertThat(head.field("sec-websocket-protocol")).isEmpty();
      assertThat(head.status()).isIn(101, 400);
    }
  }

  @Test
  void aPathWithoutChannelsNeedsHalleyV1() throws Exception {
    assertThat(
            HttpSocket.exchange(server, HttpSocket.request(server, "GET", "/channels", GOOD, ""))
                .status())
        .isIn(400, 404);
    try (WebSocketClient client =
        WebSocketClient.open(server, "/channels", HalleyV1Listener.SUBPROTOCOL, "")) {
      assertThat(client.subprotocol()).contains("halley.v1");
    }
  }

  @Test
  void badNamesAndPositionsAre400InAHandshakeToo() throws Exception {
    for (String target : List.of("/channels/a%2Fb", "/channels/a?since=x", "/channels/a,")) {
      assertThat(
              HttpSocket.exchange(server, HttpSocket.request(server, "GET", target, GOOD, ""))
                  .status())
          .as(target)
          .isEqualTo(400);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "unmasked text,             8101 61",
    "reserved bit 1,            c181 00000000 61",
    "reserved bit 2,            a181 00000000 61",
    "reserved bit 3,            9181 00000000 61",
    "reserved data opcode,      8380 00000000",
    "reserved control opcode,   8b80 00000000",
    "fragmented ping,           0980 00000000",
    "long ping,                 89fe 007e 00000000",
    "length in too many bytes,  81fe 0005 00000000",
    "64 bits for a short one,   81ff 0000000000000005 00000000",
    "negative length,           82ff ffffffffffffffff 00000000",
    "continuation of nothing,   8080 00000000",
    "two messages at once,      0181 00000000 61 8181 00000000 62",
    "half a close code,         8881 00000000 03",
    "close code 1005,           8882 00000000 03ed",
    "close code 999,            8882 00000000 03e7"
  })
  void aFrameThatBreaksTheProtocolIsClosedWith1002(String what, String hex) throws Exception {
    assertThat(closeAfter(hex)).as(what).isEqualTo(1002);
  }

  @ParameterizedTest
  @CsvSource({
    "bad UTF-8,                 8181 00000000 ff",
    "half a character,          8182 00000000 e282",
    "surrogate,                 8183 00000000 eda080",
    "bad UTF-8 in a reason,     8883 00000000 03e8 ff"
  })
  void textThatIsNotUtf8IsClosedWith1007(String what, String hex) throws Exception {
    assertThat(closeAfter(hex)).as(what).isEqualTo(1007);
  }

  @ParameterizedTest
  @CsvSource({
    "one huge frame,            82ff 0000000100000000 00000000",
    "one byte over the limit,   82ff 0000000000100001 00000000"
  })
  void aFrameOverTheLimitIsClosedWith1009AtItsHeader(String what, String hex) throws Exception {
    assertThat(closeAfter(hex)).as(what).isEqualTo(1009);
  }

  @Test
  void fragmentsOverTheLimitAreClosedWith1009() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      byte[] half = new byte[600_000];
      client.sendRaw(frame(0x02, half));
      client.sendRaw(frame(0x80, half));
      assertThat(closed(client).code()).isEqualTo(1009);
    }
    assertThat(HttpSocket.get(server, "/channels/a", "").body()).contains("\"publications\":[]");
  }

  @Test
  void aCloseIsEchoedAndTheConnectionEnds() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      client.sendClose(4321, "enough");
      assertThat(closed(client).code()).isEqualTo(4321);
      assertThat(client.ends()).isTrue();
    }
  }

  @Test
  void aConnectionThatIsCutInTheMiddleOfAFrameIsForgotten() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/cut", List.of(), "")) {
      client.sendRaw(HexFormat.of().parseHex("818a000000006162"));
    }
    assertThat(HttpSocket.get(server, "/channels/cut", "").body()).contains("\"publications\":[]");
  }

  @Test
  void whatABareWebSocketSendsIsPublished() throws Exception {
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/talk", List.of(), "")) {
      client.send("text");
      client.send(new byte[] {1, 2});
      assertThat(client.receiveText()).isEqualTo("text");
      assertThat(client.receive())
          .isEqualTo(new Message.Binary(ByteBuffer.wrap(new byte[] {1, 2})));
    }
  }

  @Test
  void pingsAreAnswered() throws Exception {
    try (HttpSocket http = HttpSocket.connect(server)) {
      http.send(HttpSocket.request(server, "GET", "/channels/ping", GOOD, ""));
      assertThat(http.head().status()).isEqualTo(101);
      http.send(frame(0x89, "hello".getBytes(UTF_8)));
      assertThat(http.input().readNBytes(7)).isEqualTo("\u008a\u0005hello".getBytes(ISO_8859_1));
    }
  }

  /** A masked frame, with a key of zeros. */
  static byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 0x10000) {
      frame.put((byte) 0xfe).putShort((short) payload.length);
    } else {
      frame.put((byte) 0xff).putLong(payload.length);
    }
    frame.putInt(0).put(payload);
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static Answer handshake(String fields) throws Exception {
    return HttpSocket.exchange(
        server, HttpSocket.request(server, "GET", "/channels/a", fields, ""));
  }

  private static int closeAfter(String hex) throws Exception {
    try (WebSocketClient client = WebSocketClient.open(server, "/channels/a", List.of(), "")) {
      client.sendRaw(HexFormat.of().parseHex(hex.replace(" ", "")));
      return closed(client).code();
    }
  }

  private static Message.Closed closed(WebSocketClient client) throws Exception {
    return (Message.Closed) client.receive();
  }
}
