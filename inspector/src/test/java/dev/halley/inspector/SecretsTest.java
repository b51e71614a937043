package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.inspector.dissect.Conversation;
import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.Wire;
import dev.halley.inspector.page.EventJson;
import dev.halley.inspector.terminal.EventLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However a secret is written, coded, cut and interleaved with other things, it is in no view and
 * no file.
 */
class SecretsTest {
  private static final String SECRET = "ZqXvWkJhGf";
  private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  private static final String UPGRADE =
      "GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  private static final String UPGRADED =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

  private Random random = new Random(0);

  /** What was sent, and what may be seen nowhere. */
  private final ByteArrayOutputStream up = new ByteArrayOutputStream();

  private final ByteArrayOutputStream down = new ByteArrayOutputStream();
  private final List<byte[]> compressed = new ArrayList<>();
  private final List<byte[]> pieces = new ArrayList<>();
  private final List<Direction> directions = new ArrayList<>();

  private void send(Direction direction, byte[] bytes) {
    (direction == Direction.TO_SERVER ? up : down).writeBytes(bytes);
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 400));
      byte[] piece = new byte[length];
      System.arraycopy(bytes, at, piece, 0, length);
      pieces.add(piece);
      directions.add(direction);
      at += length;
    }
  }

  private void send(Direction direction, String text) {
    send(direction, text.getBytes(UTF_8));
  }

  private String oneOf(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  // ---- values

  private String json() {
    StringBuilder value = new StringBuilder();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      value.append(
          oneOf(
              "\\/",
              ",",
              " ",
              "\\\"",
              "\\\\",
              "\\n",
              "\\u0022",
              "\\u005c",
              "%22",
              "&",
              ";",
              "}",
              "]",
              "'",
              ":",
              "é",
              "\\\\\\\"",
              "#",
              "<",
              "{\\\"a\\\":1}",
              "x"));
      value.append(SECRET);
    }
    String name = oneOf("token", "Token", "tok\\u0065n", "access_token", "\\u0074oken", "aToken");
    String colon = oneOf(":", " : ", ":\n  ", ":\t");
    String written =
        switch (random.nextInt(8)) {
          case 0 -> "[\"" + value + "\",\"" + SECRET + "\"]";
          case 1 -> "{\"a\":[\"" + value + "\"],\"b\":\"" + SECRET + "\"}";
          default -> '"' + value.toString() + '"';
        };
    String object = "{\"op\":1,\"" + name + '"' + colon + written + ",\"seen\":1}";
    for (int i = random.nextInt(3); i > 0; i--) {
      object =
          "{\"inner\":\""
              + object
                  .replace("\\", "\\\\")
                  .replace("\"", "\\\"")
                  .replace("\n", "\\n")
                  .replace("\t", "\\t")
              + "\"}";
    }
    return oneOf("", "a token ", "\"token\" ", "tok\\", "%") + object;
  }

  private String parameter() {
    StringBuilder value = new StringBuilder();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      value.append(
          oneOf("%2F", ",", ";", "'", "%26", "%22", "(", "!", "+", "%20", ":", "%25", "."));
      value.append(SECRET);
    }
    return oneOf("token=", "access_token=", "to%6ben=", "%74oken=", "TOKEN=")
        + value
        + oneOf("", "&b=1", "#c");
  }

  private String nestedUrl() {
    return "next="
        + oneOf("%2Fa%3Ftoken%3D" + SECRET + "%26x%3D1", "%252Fa%253Ftoken%253D" + SECRET);
  }

  private String text() {
    return switch (random.nextInt(4)) {
      case 0 -> "a=1&" + parameter();
      case 1 -> "see http://h/?" + oneOf(parameter(), nestedUrl()) + " there";
      default -> json();
    };
  }

  private String multipart() {
    return "--b\r\nContent-Disposition: form-data; name="
        + oneOf("\"token\"", "\"access_token\"")
        + oneOf("", "; filename=\"t\"")
        + oneOf("", "\r\nContent-Type: text/plain")
        + "\r\n\r\n"
        + oneOf("", "--", "a\r\nb ")
        + SECRET
        + "\r\n--b--\r\n";
  }

  private String fields() {
    return switch (random.nextInt(9)) {
      case 0 -> "Authorization: Bearer " + SECRET + "\r\n";
      case 1 -> "aUTHORIZATION :\tBasic\t" + SECRET + " \r\n";
      case 2 -> "Authorization: Bearer\r\n " + SECRET + "\r\n\t" + SECRET + "\r\n";
      case 3 -> "Authorization: " + SECRET + " " + SECRET + "\r\n";
      case 4 -> "Cookie: a=b; c=" + SECRET + "\r\n";
      case 5 -> "Set-Cookie: a=" + SECRET + ",x; Path=/\r\nX-Auth-Token: " + SECRET + "\r\n";
      case 6 -> "Sec-WebSocket-Protocol: chat, access_token, " + SECRET + "\r\n";
      case 7 -> "Referer: http://h/?" + oneOf(parameter(), nestedUrl()) + "\r\n";
      default -> "X: a\rAuthorization: Bearer " + SECRET + "\r\n";
    };
  }

  // ---- WebSocket

  private void webSocket(boolean deflate) {
    send(Direction.TO_SERVER, UPGRADE + (deflate ? DEFLATE : "") + fields() + "\r\n");
    send(Direction.TO_CLIENT, UPGRADED + (deflate ? DEFLATE : "") + "\r\n");
    Deflater[] deflaters = {new Deflater(9, true), new Deflater(9, true)};
    for (int i = 0; i < 6; i++) {
      int side = random.nextInt(2);
      byte[] content = text().repeat(random.nextInt(10) == 0 ? 40 : 1).getBytes(UTF_8);
      boolean packed = deflate && random.nextBoolean();
      if (packed) {
        content = deflated(deflaters[side], content);
        compressed.add(content);
      }
      message(side == 0 ? Direction.TO_SERVER : Direction.TO_CLIENT, content, packed);
    }
    deflaters[0].end();
    deflaters[1].end();
  }

  private static byte[] deflated(Deflater deflater, byte[] content) {
    deflater.setInput(content);
    byte[] out = new byte[content.length + 100];
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    return java.util.Arrays.copyOf(out, length - 4);
  }

  private void message(Direction direction, byte[] content, boolean packed) {
    int at = 0;
    boolean first = true;
    do {
      int length =
          random.nextBoolean() ? content.length - at : random.nextInt(content.length - at + 1);
      boolean last = at + length == content.length;
      int opcode = first ? 1 : 0;
      frame(
          direction,
          (last ? 0x80 : 0) | (first && packed ? 0x40 : 0) | opcode,
          java.util.Arrays.copyOfRange(content, at, at + length));
      at += length;
      first = false;
      while (random.nextInt(3) == 0) {
        String ping = oneOf("", "ping", "token=" + SECRET, "\"}", "\"token\":\"");
        frame(direction, random.nextBoolean() ? 0x89 : 0x8a, ping.getBytes(UTF_8));
      }
      if (last) {
        return;
      }
    } while (true);
  }

  private void frame(Direction direction, int first, byte[] payload) {
    boolean masked = direction == Direction.TO_SERVER;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    int bit = masked ? 0x80 : 0;
    if (payload.length < 126) {
      out.write(bit | payload.length);
    } else {
      out.writeBytes(
          new byte[] {(byte) (bit | 126), (byte) (payload.length >>> 8), (byte) payload.length});
    }
    byte[] key = new byte[4];
    if (masked && random.nextBoolean()) {
      random.nextBytes(key);
    }
    if (masked) {
      out.writeBytes(key);
    }
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ key[i & 3]);
    }
    send(direction, out.toByteArray());
  }

  // ---- HTTP

  private void http() {
    for (int i = 0; i < 3; i++) {
      String type = "application/json";
      String text;
      switch (random.nextInt(3)) {
        case 0 -> {
          text = multipart();
          type = "multipart/form-data; boundary=b";
        }
        case 1 -> text = text();
        default -> {
          type = "text/event-stream";
          text = events();
        }
      }
      String head = fields() + "Content-Type: " + type + "\r\n";
      send(Direction.TO_SERVER, "POST /a?" + parameter() + " HTTP/1.1\r\nHost: h\r\n");
      boolean isStream = type.equals("text/event-stream"); // which responses are
      body(Direction.TO_SERVER, isStream ? fields() : head, isStream ? text() : text);
      send(Direction.TO_CLIENT, "HTTP/1.1 200 OK\r\n");
      body(Direction.TO_CLIENT, head, text);
    }
  }

  private String events() {
    String data = json().replace("\n", "\ndata: ");
    return ": token="
        + SECRET
        + "\n\nid: 1\ndata: "
        + data
        + "\n\nfoo\"token\":\""
        + SECRET
        + "\"\n\n";
  }

  private void body(Direction direction, String head, String text) {
    byte[] content = text.getBytes(UTF_8);
    String coding = oneOf("", "", "gzip", "br");
    if (!coding.isEmpty()) {
      content = gzip(content); // what "br" is nobody here can tell
      compressed.add(content);
    }
    String coded = coding.isEmpty() ? "" : "Content-Encoding: " + coding + "\r\n";
    if (random.nextBoolean()) {
      send(direction, head + coded + "Content-Length: " + content.length + "\r\n\r\n");
      send(direction, content);
      return;
    }
    send(direction, head + coded + "Transfer-Encoding: chunked\r\n\r\n");
    for (int at = 0; at < content.length; ) {
      int length = Math.min(content.length - at, 1 + random.nextInt(40));
      send(direction, Integer.toHexString(length) + oneOf("", ";token=" + SECRET) + "\r\n");
      send(direction, java.util.Arrays.copyOfRange(content, at, at + length));
      send(direction, "\r\n");
      at += length;
    }
    send(direction, "0\r\n" + fields() + "\r\n");
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private void http2() {
    Http2Bytes client = new Http2Bytes();
    Http2Bytes server = new Http2Bytes();
    send(Direction.TO_SERVER, Http2Bytes.PREFACE);
    byte[][] contents = new byte[3][];
    for (int i = 0; i < 3; i++) {
      boolean packed = random.nextBoolean();
      contents[i] = packed ? gzip(text().getBytes(UTF_8)) : text().getBytes(UTF_8);
      if (packed) {
        compressed.add(contents[i]);
      }
      String path = "/a?" + parameter().replace(" ", "");
      send(
          Direction.TO_SERVER,
          client.get(1 + 2 * i, path, "authorization", "Bearer " + SECRET, "cookie", SECRET));
      send(
          Direction.TO_CLIENT,
          server.headers(
              1 + 2 * i,
              false,
              ":status",
              "200",
              "content-encoding",
              packed ? "gzip" : "identity"));
    }
    int[] at = new int[3];
    for (int i = 0; i < 60; i++) {
      int stream = random.nextInt(3);
      int length = Math.min(contents[stream].length - at[stream], 1 + random.nextInt(30));
      byte[] part = java.util.Arrays.copyOfRange(contents[stream], at[stream], at[stream] + length);
      at[stream] += length;
      send(Direction.TO_CLIENT, Http2Bytes.data(1 + 2 * stream, false, part));
    }
    send(Direction.TO_CLIENT, Http2Bytes.data(99, false, "\"" + SECRET));
    byte[] goAway = ("\0\0\0\0\0\0\0\0token=" + SECRET).getBytes(UTF_8);
    send(Direction.TO_CLIENT, Http2Bytes.frame(Http2Names.GOAWAY, 0, 0, goAway));
  }

  // ---- looking

  private static final class Files implements Wire {
    final ByteArrayOutputStream up = new ByteArrayOutputStream();
    final ByteArrayOutputStream down = new ByteArrayOutputStream();
    final List<byte[]> packets = new ArrayList<>();
    final List<Direction> directions = new ArrayList<>();

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void bytes(Direction direction, byte[] bytes, int length, long micros) {
      (direction == Direction.TO_SERVER ? up : down).write(bytes, 0, length);
      packets.add(java.util.Arrays.copyOf(bytes, length));
      directions.add(direction);
    }

    @Override
    public void end(Direction direction, long micros) {}

    @Override
    public void broken(long micros) {}
  }

  private static List<TapEvent> events(
      List<byte[]> pieces, List<Direction> directions, boolean showSecrets, Wire wire) {
    List<TapEvent> events = new ArrayList<>();
    Conversation conversation =
        new Conversation(1, new Options(Options.LEAST_CUT, showSecrets), events::add, wire);
    for (int i = 0; i < pieces.size(); i++) {
      conversation.bytes(directions.get(i), ByteBuffer.wrap(pieces.get(i)), i);
    }
    conversation.closed(false, "closed", pieces.size());
    return events;
  }

  private void assertNothingIsSeen() {
    Files files = new Files();
    List<TapEvent> seen = events(pieces, directions, false, files);
    assertThat(files.up.size()).isGreaterThan(40);
    assertNotIn(shown(seen));
    assertNotIn(files.up.toString(ISO_8859_1));
    assertNotIn(files.down.toString(ISO_8859_1));
    // As somebody reads the file, unmasked and inflated.
    assertNotIn(shown(events(files.packets, files.directions, true, Wire.NONE)));
    for (byte[] content : compressed) {
      if (content.length > 40) {
        String part = new String(content, content.length / 2, 12, ISO_8859_1);
        assertThat(files.up.toString(ISO_8859_1)).doesNotContain(part);
        assertThat(files.down.toString(ISO_8859_1)).doesNotContain(part);
        assertThat(shown(seen)).doesNotContain(part);
      }
    }
  }

  private static void assertNotIn(String view) {
    int at = Math.max(view.indexOf(SECRET), view.indexOf(SECRET.substring(1)));
    assertThat(at < 0 ? "" : view.substring(Math.max(0, at - 200), at + SECRET.length()))
        .as("what is seen")
        .isEmpty();
  }

  /** All of it: the terminal's lines, and the page's JSON with its Base64 decoded. */
  private static String shown(List<TapEvent> events) {
    StringBuilder all = new StringBuilder();
    EventLines lines = new EventLines(false, true, ZoneOffset.UTC);
    events.forEach(event -> lines.of(event).forEach(all::append));
    String json = EventJson.of(0, events);
    all.append(json);
    Matcher base64 = Pattern.compile("\"([A-Za-z0-9+/]{8,}=*)\"").matcher(json);
    while (base64.find()) {
      if (base64.group(1).length() % 4 == 0) {
        all.append(new String(Base64.getDecoder().decode(base64.group(1)), ISO_8859_1));
      }
    }
    return all.toString();
  }

  @Test
  void noSecretIsSeenHoweverItIsWrittenCodedAndCut() {
    for (int seed = 0; seed < 400; seed++) {
      random = new Random(seed);
      pieces.clear();
      directions.clear();
      compressed.clear();
      switch (seed % 4) {
        case 0 -> webSocket(false);
        case 1 -> webSocket(true);
        case 2 -> http();
        default -> http2();
      }
      try {
        assertNothingIsSeen();
      } catch (AssertionError e) {
        throw new AssertionError("With the seed " + seed, e);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"token\":\"AAAA\\/S\"}",
        "{\"token\":\"AAAA,S S\"}",
        "{\"token\":[\"S\"],\"b\":1}",
        "{\"token\":12345S}",
        "{\"t\\u006fken\":\"a\\\"S\"}",
        "{\"a\":\"{\\\"token\\\":\\\"b\\\\\\\"S\\\"}\"}",
        "{\"a\":\"{\\u0022token\\u0022:\\u0022b\\\\\\u0022S\\u0022}\"}",
        "{'token': 'S'}",
        "?token=a,S;S'S",
        "?q=%7B%22token%22%3A%22S%22%7D",
        "?u=%2F%3Ftoken%3DS%26b",
        "token\\u003dS\\u0026b=1",
        "token = S"
      })
  void whatFollowsATokensNameIsNotShown(String text) {
    String sent = text.replace("S", SECRET);
    frameless(sent);
    assertNothingIsSeen();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tokens\":\"ok\"}",
        "{\"token\":\"x\",\"b\":\"ok\"}",
        "{\"token\":\"x\\\\\",\"b\":\"ok\"}",
        "{\"token\":null,\"b\":\"ok\"}",
        "{\"token\":{\"a\":[1,\"]\"]},\"b\":\"ok\"}",
        "{\"a\":\"{\\\"token\\\":\\\"b\\\"}\",\"c\":\"ok\"}",
        "?token=x&b=ok",
        "a token \"ok\"",
        "[\"token\",\"ok\"]"
      })
  void whatIsNoSecretIsShown(String text) {
    frameless(text);
    assertThat(shown(events(pieces, directions, false, Wire.NONE))).contains("ok");
  }

  private void frameless(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    send(
        Direction.TO_SERVER,
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + bytes.length + "\r\n\r\n");
    send(Direction.TO_SERVER, bytes);
  }
}
