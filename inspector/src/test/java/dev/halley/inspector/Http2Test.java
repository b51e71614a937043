package dev.halley.inspector;

import static dev.halley.inspector.Http2Bytes.PREFACE;
import static dev.halley.inspector.Http2Bytes.data;
import static dev.halley.inspector.Http2Bytes.frame;
import static dev.halley.inspector.Http2Bytes.join;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** HTTP/2: frames, header blocks, and what streams carry. */
class Http2Test {
  private static final byte[] NO_SETTINGS = frame(4, 0, 0, new byte[0]);

  private final Http2Bytes client = new Http2Bytes();
  private final Http2Bytes server = new Http2Bytes();

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static Seen begun() {
    return Seen.of().client(join(PREFACE, NO_SETTINGS)).server(NO_SETTINGS);
  }

  /** Without the lines of the begin. */
  private static List<String> lines(Seen seen) {
    return seen.lines().subList(2, seen.lines().size());
  }

  @Test
  void framesAreNamedAndTheirFlagsAndContents() {
    Seen seen =
        Seen.of()
            .client(PREFACE)
            .client(frame(4, 0, 0, hex("0001 00010000  0004 00ffffff  7777 00000001")))
            .client(frame(8, 0, 0, hex("0000ffff")))
            .server(frame(4, 0, 0, hex("0008 00000001")))
            .server(frame(4, 1, 0, new byte[0]))
            .client(frame(6, 0, 0, hex("0102030405060708")))
            .server(frame(6, 1, 0, hex("0102030405060708")))
            .client(frame(3, 0, 5, hex("00000008")))
            .client(frame(0x10, 0, 0, join(hex("00000005"), "u=1".getBytes(UTF_8))))
            .client(frame(2, 0, 5, hex("0000000010")))
            .server(frame(0xcc, 0x81, 7, new byte[3]))
            .server(frame(7, 0, 0, join(hex("00000005 0000000b"), "calm".getBytes(UTF_8))));
    assertThat(seen.lines())
        .containsExactly(
            "→ SETTINGS 18 B HEADER_TABLE_SIZE=65536, INITIAL_WINDOW_SIZE=16777215, 0x7777=1",
            "→ WINDOW_UPDATE 4 B +65535",
            "← SETTINGS 6 B ENABLE_CONNECT_PROTOCOL=1",
            "← SETTINGS ACK 0 B",
            "→ PING 8 B 0102030405060708",
            "← PING ACK 8 B 0102030405060708",
            "→ RST_STREAM stream=5 4 B CANCEL",
            "→ PRIORITY_UPDATE 7 B of stream 5 u=1",
            "→ PRIORITY stream=5 5 B",
            "← type-0xcc stream=7 0x81 3 B",
            "← GOAWAY 12 B last stream 5, ENHANCE_YOUR_CALM calm");
  }

  @Test
  void eachStreamIsAnExchange() {
    byte[] body = "[1,2]".getBytes(UTF_8);
    Seen seen =
        begun()
            .client(client.get(1, "/channels/a"))
            .client(client.get(3, "/channels/b", "prefer", "wait=30"))
            .server(server.headers(1, false, ":status", "200", "content-type", "application/json"))
            .server(data(1, true, body))
            .server(server.headers(3, true, ":status", "204"));
    List<String> lines = lines(seen);
    assertThat(lines.stream().map(line -> line.replaceAll("HEADERS (.*) [0-9]+ B", "HEADERS $1")))
        .containsExactly(
            "→ HEADERS stream=1 END_STREAM|END_HEADERS",
            "→ GET /channels/a HTTP/2",
            "→ HEADERS stream=3 END_STREAM|END_HEADERS",
            "→ GET /channels/b HTTP/2",
            "← HEADERS stream=1 END_HEADERS",
            "← 200 after …",
            "← DATA stream=1 END_STREAM 5 B",
            "← body 5 B \"[1,2]\"",
            "← HEADERS stream=3 END_STREAM|END_HEADERS",
            "← 204 long poll, held for …");
    assertThat(seen.events())
        .filteredOn(TapEvent.Response.class::isInstance)
        .map(event -> ((TapEvent.Response) event).target())
        .containsExactly("/channels/a", "/channels/b");
  }

  @Test
  void fieldsThatReferToThoseBeforeAreDecoded() {
    Seen seen = begun();
    for (int stream = 1; stream < 9; stream += 2) {
      seen.client(client.get(stream, "/same", "x-field", "the same"));
    }
    assertThat(seen.events())
        .filteredOn(TapEvent.Request.class::isInstance)
        .hasSize(4)
        .allSatisfy(
            event ->
                assertThat(((TapEvent.Request) event).headers().toString())
                    .contains("name=:path, value=/same", "name=x-field, value=the same"));
  }

  @Test
  void eventStreamsAndCodedBodiesAreShownAsOverHttp1() throws IOException {
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(coded)) {
      gzip.write("again and again".getBytes(UTF_8));
    }
    byte[] body = coded.toByteArray();
    assertThat(
            lines(
                begun()
                    .client(client.get(1, "/channels/a"))
                    .client(client.get(3, "/channels/a"))
                    .server(
                        server.headers(
                            1, false, ":status", "200", "content-type", "text/event-stream"))
                    .server(data(1, false, "id: 1\ndata: o"))
                    .server(server.headers(3, false, ":status", "200", "content-encoding", "gzip"))
                    .server(data(3, false, Arrays.copyOf(body, 12)))
                    .server(data(1, false, "ne\n\n"))
                    .server(data(3, true, Arrays.copyOfRange(body, 12, body.length)))))
        .contains(
            "← event message id=1 3 B \"one\"",
            "← body " + body.length + " B gzip to 15 B \"again and again\"");
  }

  @Test
  void webSocketsInStreamsAreShownFrameByFrame() {
    byte[] connect =
        client.headers(
            1,
            false,
            ":method",
            "CONNECT",
            ":protocol",
            "websocket",
            ":scheme",
            "http",
            ":path",
            "/channels/chat",
            ":authority",
            "h",
            "sec-websocket-extensions",
            "permessage-deflate");
    assertThat(
            lines(
                begun()
                    .client(connect)
                    .server(
                        server.headers(
                            1,
                            false,
                            ":status",
                            "200",
                            "sec-websocket-protocol",
                            "halley.v1",
                            "sec-websocket-extensions",
                            "permessage-deflate"))
                    .client(data(1, false, hex("8185 37fa213d 7f9f4d51")))
                    .client(client.get(3, "/other"))
                    .client(data(1, false, hex("58")))
                    .server(data(1, false, hex("c107 f248cdc9c90700")))
                    .server(data(1, false, hex("8101 62 8801")))
                    .server(data(1, true, hex("03")))))
        .containsSubsequence(
            "→ CONNECT /channels/chat HTTP/2",
            "← 200 after …",
            "← stream 1 is a WebSocket (RFC 8441), subprotocol halley.v1, permessage-deflate",
            "→ DATA stream=1 10 B",
            "→ GET /other HTTP/2",
            "→ DATA stream=1 1 B",
            "→ stream=1 text   fin key=37fa213d 7 5 B \"Hello\"",
            "← DATA stream=1 9 B",
            "← stream=1 text   fin rsv=100 7 7 B inflated to 5 B \"Hello\"",
            "← stream=1 text   fin 7 1 B \"b\"",
            "← stream=1 close  fin 7 1 B 1005 (no status)",
            "✗ A close frame's payload must be empty or begin with two bytes. RFC 6455 section 5.5.1");
  }

  @Test
  void aServerThatSpeaksFirstIsUnderstood() {
    assertThat(Seen.of().server(NO_SETTINGS).client(join(PREFACE, NO_SETTINGS)).lines())
        .containsExactly("← SETTINGS 0 B", "→ SETTINGS 0 B");
    assertThat(Seen.of().clientHex("000000 04 00 00000000").lines())
        .containsExactly("→ from here on only bytes are counted: no HTTP");
  }

  @Test
  void anUpgradeToH2cIsFollowed() {
    assertThat(
            Seen.of()
                .client(
                    "GET /channels/chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                        + "Upgrade: h2c\r\nHTTP2-Settings: \r\n\r\n")
                .server(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
                .server(NO_SETTINGS)
                .client(join(PREFACE, NO_SETTINGS))
                .server(server.headers(1, false, ":status", "200"))
                .server(data(1, true, "late"))
                .lines())
        .contains("← SETTINGS 0 B", "→ SETTINGS 0 B", "← 200 after …", "← body 4 B \"late\"");
  }

  @Test
  void blocksInSeveralFramesWithPaddingAndPriorityAreRead() {
    byte[] block = client.block(":method", "GET", ":scheme", "http", ":path", "/long");
    byte[] padded = join(hex("02 00000000 10"), Arrays.copyOf(block, 3), new byte[2]);
    byte[] rest = Arrays.copyOfRange(block, 3, block.length);
    Seen seen =
        begun()
            .client(frame(1, 0x29, 1, padded))
            .client(frame(9, 4, 1, rest))
            .server(server.headers(1, false, ":status", "200"))
            .server(frame(0, 9, 1, join(hex("03"), "abc".getBytes(UTF_8), new byte[3])));
    assertThat(lines(seen))
        .containsSubsequence(
            "→ HEADERS stream=1 END_STREAM|PADDED|PRIORITY " + padded.length + " B",
            "→ CONTINUATION stream=1 END_HEADERS " + rest.length + " B",
            "→ GET /long HTTP/2",
            "← DATA stream=1 END_STREAM|PADDED 7 B",
            "← body 3 B \"abc\"");
  }

  @Test
  void trailersPromisesAndInterimResponsesAreTold() {
    byte[] promise = join(hex("00000002"), server.block(":method", "GET", ":path", "/pushed"));
    assertThat(
            lines(
                begun()
                    .client(client.get(1, "/"))
                    .server(server.headers(1, false, ":status", "103"))
                    .server(frame(5, 4, 1, promise))
                    .server(server.headers(1, false, ":status", "200"))
                    .server(server.headers(1, true, "grpc-status", "0"))
                    .server(server.headers(2, true, ":status", "404"))))
        .contains(
            "← 103 after …",
            "← promises GET /pushed on stream 2",
            "← trailers of stream 1: grpc-status: 0",
            "← 404 after …");
  }

  @Test
  void whatIsBrokenIsToldAndReadingGoesOn() {
    assertThat(
            lines(
                begun()
                    .client(frame(1, 0, 1, client.block(":method", "GET", ":path", "/")))
                    .client(frame(6, 0, 0, new byte[8]))
                    .client(frame(9, 4, 1, new byte[0]))
                    .client(frame(0, 0, 0, new byte[1]))
                    .client(frame(5, 12, 3, hex("ff")))
                    .client(frame(1, 4, 5, hex("ff ff ff ff ff ff ff")))
                    .client(client.get(7, "/lost"))
                    .client(frame(6, 0, 0, new byte[8]))))
        .containsSubsequence(
            "→ PING 8 B 0000000000000000",
            "✗ Nothing may come between the frames of a header block. RFC 9113 section 4.3",
            "→ GET / HTTP/2",
            "✗ Such a frame must be of a stream. RFC 9113 section 6",
            "✗ Padding must be shorter than the payload. RFC 9113 section 6.1",
            "→ HEADERS stream=5 END_HEADERS 7 B",
            "→ fields of stream 5 that can't be shown",
            "✗ Header blocks must be decodable. RFC 9113 section 4.3",
            "→ fields of stream 7 that can't be shown",
            "→ PING 8 B 0000000000000000");
  }

  @Test
  void credentialsAreMaskedInViewsAndInTheFileWhichStaysReadable() {
    byte[] sent =
        join(
            PREFACE,
            client.get(
                1, "/a?token=s3cret", "authorization", "Bearer abc.def", "cookie", "a=b", "x", "y"),
            client.get(3, "/a?token=s3cret", "authorization", "Bearer abc.def"),
            data(5, false, "token=abc"));
    Seen seen = Seen.of().client(sent);
    byte[] file = seen.onWire(Direction.TO_SERVER);

    assertThat(seen.events().toString())
        .contains("token=******", "Bearer *******")
        .doesNotContain("s3cret", "abc.def", "a=b");
    List<TapEvent> read = Seen.withSecrets().client(file).events();
    assertThat(read.toString())
        .contains("/a?token=******", "Bearer *******", "value=***", "name=x, value=y")
        .doesNotContain("s3cret", "abc.def", "a=b");
    assertThat(read).filteredOn(TapEvent.Request.class::isInstance).hasSize(2);
    assertThat(new String(file, UTF_8)).endsWith("*********"); // of a stream that nobody knows
    assertThat(Seen.withSecrets().client(sent).onWire(Direction.TO_SERVER)).isEqualTo(sent);
  }

  @Test
  void aBlockThatIsTooLargeEndsReadingAndNothingOfItGoesToTheFile() {
    byte[] huge = new byte[70_000];
    Arrays.fill(huge, (byte) 's');
    Seen seen = begun().client(frame(1, 4, 1, huge));
    assertThat(lines(seen))
        .containsExactly(
            "→ HEADERS stream=1 END_HEADERS 70,000 B",
            "→ from here on only bytes are counted: a header block of more than 65536 bytes");
    assertThat(seen.onWireText(Direction.TO_SERVER))
        .endsWith("*".repeat(70_000))
        .doesNotContain("ss");
  }

  @Test
  void manyStreamsThatNeverEndAreForgotten() {
    Seen seen = begun();
    for (int i = 0; i < 3000; i++) {
      seen.client(client.headers(2 * i + 1, false, ":method", "POST", ":path", "/" + i));
    }
    assertThat(seen.events()).filteredOn(TapEvent.Request.class::isInstance).hasSize(3000);
  }
}
