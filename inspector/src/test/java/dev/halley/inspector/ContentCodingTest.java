package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies with a content coding are shown without it. */
class ContentCodingTest {
  private static final String GET = "GET /channels/chat HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String TEXT = "again and again and again and again";

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private static byte[] gzip(String content) throws IOException {
    return gzip(content.getBytes(UTF_8));
  }

  private static byte[] deflate(String content, boolean bare) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, bare);
    deflater.setInput(content.getBytes(UTF_8));
    deflater.finish();
    byte[] out = new byte[1000];
    int length = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, length);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static Seen answered(String coding, byte[] body) {
    return Seen.of()
        .client(GET)
        .server(
            "HTTP/1.1 200 OK\r\nContent-Encoding: "
                + coding
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
        .server(body);
  }

  private static String shown(String coding, byte[] body) {
    return answered(coding, body).lines().get(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "GZIP"})
  void gzipIsDecoded(String coding) throws IOException {
    byte[] body = gzip(TEXT);
    assertThat(shown(coding, body))
        .isEqualTo(
            "← body "
                + body.length
                + " B "
                + coding.toLowerCase(Locale.ROOT)
                + " to 35 B \""
                + TEXT
                + '"');
  }

  @Test
  void gzipWithAllItsOptionalFieldsInSeveralMembersAndWithPaddingIsDecoded() throws IOException {
    byte[] fields =
        HexFormat.of().parseHex("1f8b081e00000000000" + "30300010203" + "6e00" + "6300" + "abcd");
    byte[] bare = deflate("one, ", true);
    byte[] body = join(fields, bare, new byte[8], gzip("two"), new byte[5]);
    assertThat(shown("gzip", body))
        .isEqualTo("← body " + body.length + " B gzip to 8 B \"one, two\"");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deflateIsDecodedWithAndWithoutTheZlibFormat(boolean bare) {
    byte[] body = deflate(TEXT, bare);
    assertThat(shown("deflate", body))
        .isEqualTo("← body " + body.length + " B deflate to 35 B \"" + TEXT + '"');
  }

  @Test
  void aRequestsBodyIsDecodedToo() throws IOException {
    byte[] body = gzip(TEXT);
    assertThat(
            Seen.of()
                .client(
                    "POST /channels/chat HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n"
                        + "Content-Length: "
                        + body.length
                        + "\r\n\r\n")
                .client(body)
                .lines())
        .contains("→ body " + body.length + " B gzip to 35 B \"" + TEXT + '"');
  }

  @Test
  void whatNobodyHereCanDecodeIsNamedAndNotShown() throws IOException {
    assertThat(shown("br", new byte[] {1, 2})).isEqualTo("← body 2 B br, not decoded, \"**\"");
    assertThat(shown("deflate, gzip", new byte[] {1})).contains("not decoded");
    byte[] part = Arrays.copyOfRange(gzip(TEXT), 5, 9);
    assertThat(
            Seen.of()
                .client(GET)
                .server(
                    "HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\n"
                        + "Content-Length: 4\r\n\r\n")
                .server(part)
                .lines())
        .element(2)
        .asString()
        .startsWith("← body 4 B gzip, not decoded, ");
  }

  @Test
  void identityIsNoCoding() {
    assertThat(shown("identity", "abc".getBytes(UTF_8))).isEqualTo("← body 3 B \"abc\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void contentThatIsNotWhatItsCodingSaysIsTold(String coding) {
    assertThat(answered(coding, "not coded at all".getBytes(UTF_8)).lines())
        .contains("✗ Content must be coded as Content-Encoding says. RFC 9110 section 8.4");
  }

  @Test
  void codedContentThatEndsEarlyIsTold() throws IOException {
    byte[] body = gzip(TEXT);
    byte[] cut = Arrays.copyOf(body, body.length - 12);
    assertThat(answered("gzip", cut).lines())
        .contains("✗ Content must be coded as Content-Encoding says. RFC 9110 section 8.4");
    assertThat(
            Seen.of()
                .client(GET)
                .server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n")
                .server(cut)
                .serverEnds()
                .lines()
                .getLast())
        .as("the connection is to blame, not the coding")
        .contains(" incomplete ")
        .doesNotContain("✗");
  }

  @Test
  void inflatingEndsWhereItIsNoLongerWorthIt() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        gzip.write(zeros);
      }
    }
    List<TapEvent> events = answered("gzip", out.toByteArray()).events();
    TapEvent.Body body = (TapEvent.Body) events.get(2);
    assertThat(body.coding().orElseThrow().outcome()).isEqualTo(TapEvent.CodingOutcome.TOO_LARGE);
    assertThat(body.content().length()).isBetween(256L << 20, (256L << 20) + (64 << 10));
    assertThat(body.content().bytes()).hasSize(1024);
  }

  @Test
  void eventsOfACodedStreamComeAsTheyAreFlushed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out, true)) {
      gzip.write("data: one\n\n".getBytes(UTF_8));
      gzip.flush();
      byte[] first = out.toByteArray();
      out.reset();
      gzip.write("data: token=sesame\n\n".getBytes(UTF_8));
      gzip.flush();
      assertThat(
              Seen.of()
                  .client(GET)
                  .server(
                      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                          + "Content-Encoding: gzip\r\n\r\n")
                  .server(first)
                  .client("GET /other HTTP/1.1\r\nHost: h\r\n\r\n")
                  .server(out.toByteArray())
                  .serverEnds()
                  .lines())
          .containsExactly(
              "→ GET /channels/chat HTTP/1.1",
              "← 200 OK after …",
              "← event message 3 B \"one\"",
              "→ GET /other HTTP/1.1",
              "← event message 12 B \"token=******\"");
    }
  }

  @Test
  void secretsAreMaskedInWhatWasDecoded() throws IOException {
    assertThat(shown("gzip", gzip("{\"url\":\"/?token=sesame\"}"))).contains("token=******");
  }
}
