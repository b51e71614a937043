package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadDecoderTest {
  private static final String POLL = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

  private final HeadDecoder decoder = new HeadDecoder(new HttpDecoderConfig(), new RecentHeads());

  @AfterEach
  void close() {
    decoder.close();
  }

  /** As a connection does, whose bytes lie in a buffer that is used again. */
  private Optional<HttpRequest> decode(String text) {
    ByteBuf bytes = Unpooled.copiedBuffer(text, US_ASCII);
    HttpRequest request = decoder.decode(bytes);
    assertThat(bytes.refCnt()).as("references to the bytes").isEqualTo(1);
    assertThat(bytes.toString(US_ASCII)).isEqualTo(text);
    bytes.release();
    return Optional.ofNullable(request);
  }

  private void assertThatItDecodes() {
    assertThat(decode(POLL)).get().extracting(HttpRequest::uri).isEqualTo("/a");
  }

  @Test
  void aWholeRequestIsOneEachTime() {
    for (int i = 0; i < 4; i++) {
      assertThatItDecodes();
    }
    String large = "GET /b HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(2_000) + "\r\n\r\n";
    assertThat(decode(large)).get().extracting(HttpRequest::uri).isEqualTo("/b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a HTTP/1.1\r\nHost: a\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\nbehind\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n\r\n\r\n",
        "GET \u0001 what\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\n\r\n"
      })
  void anythingElseIsNoneAndLeavesNothingBehind(String text) {
    assertThat(decode(text)).isEmpty();
    assertThatItDecodes();
    assertThat(decode(text)).isEmpty();
    assertThatItDecodes();
  }
}
