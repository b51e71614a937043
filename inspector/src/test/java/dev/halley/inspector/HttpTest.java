package dev.halley.inspector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Requests, responses, bodies and event streams. */
class HttpTest {
  private static final String GET = "GET /channels/chat?wait=30 HTTP/1.1\r\nHost: h\r\n\r\n";

  @Test
  void requestsAndResponsesArePaired() {
    assertThat(
            Seen.of()
                .client("POST /channels/chat HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
                .client(GET)
                .server("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
                .server("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
                .client("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
                .server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                .lines())
        .containsExactly(
            "→ POST /channels/chat HTTP/1.1",
            "→ body 5 B \"hello\"",
            "→ GET /channels/chat?wait=30 HTTP/1.1",
            "← 201 Created after …",
            "← body 2 B \"{}\"",
            "← 304 Not Modified long poll, held for …",
            "→ HEAD / HTTP/1.1",
            "← 200 OK after …");
  }

  @Test
  void aLongPollSaysHowLongItWasHeld() {
    TapEvent.Response response =
        (TapEvent.Response)
            Seen.of().client(GET).server("HTTP/1.1 204 No Content\r\n\r\n").events().get(1);

    assertThat(response.asksToWait()).isTrue();
    assertThat(response.heldMicros()).isEqualTo(1);
  }

  @Test
  void chunksAreJoined() {
    assertThat(
            Seen.of()
                .client(GET)
                .server(
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n")
                .lines())
        .containsExactly(
            "→ GET /channels/chat?wait=30 HTTP/1.1",
            "← 100 Continue long poll, held for …",
            "← 200 OK long poll, held for …",
            "← body 5 B \"abcde\"");
  }

  @Test
  void eventsOfAStreamComeOneByOne() {
    assertThat(
            Seen.of()
                .client("GET /channels/chat HTTP/1.1\r\nHost: h\r\n\r\n")
                .server("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
                .server("id: a:1\n\n: heartbeat\n\nevent: gap\ndata: x\ndata: y\nid: a:2\n\n")
                .server("data:one\r\n\r\ndata: two\r\rretry: 5\n\n")
                .serverEnds()
                .lines())
        .containsExactly(
            "→ GET /channels/chat HTTP/1.1",
            "← 200 OK after …",
            "← event comment id=a:1 0 B ",
            "← event comment 9 B \"heartbeat\"",
            "← event gap id=a:2 3 B \"x\\ny\"",
            "← event message 3 B \"one\"",
            "← event message 3 B \"two\"",
            "← event comment 8 B \"retry: 5\"");
  }

  @Test
  void theHandshakeIsWorkedOutAndAWrongAcceptIsTold() {
    String request =
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    Seen seen =
        Seen.of()
            .client(request)
            .server(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: wrong\r\n\r\n")
            .serverHex("810161");

    TapEvent.Handshake handshake = (TapEvent.Handshake) seen.events().get(2);
    assertThat(handshake.report().expected()).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(handshake.report().digest()).isEqualTo("b37a4f2cc0624f1690f64606cf385945b2bec4ea");
    assertThat(handshake.report().isAcceptRight()).isFalse();
    assertThat(seen.lines())
        .contains(
            "↔ WebSocket, accept wrong",
            "✗ Sec-WebSocket-Accept must belong to the key that was sent. RFC 6455 section 4.1",
            "← text   fin 7 1 B \"a\"");
  }

  @Test
  void aRequestForAWebSocketThatIsWrongIsTold() {
    assertThat(
            Seen.of()
                .client(
                    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
                .server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                .client("GET /next HTTP/1.1\r\nHost: h\r\n\r\n")
                .lines())
        .containsExactly(
            "→ GET / HTTP/1.1",
            "✗ Sec-WebSocket-Version must be there exactly once. RFC 6455 section 4.2.1",
            "← 400 Bad Request after …",
            "→ GET /next HTTP/1.1");
  }

  @Test
  void credentialsAreMaskedOnTheWireAndInViewsWithTheSameLength() {
    String request =
        "GET /a?x=1&token=s3cret&y HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer abc.def\r\n"
            + "Cookie: a=b; c=d\r\n e=f\r\nReferer: http://h/?access_token=q#z\r\n\r\n";
    String response =
        "HTTP/1.1 200 OK\r\nSet-Cookie: id=1; Path=/\r\nContent-Length: 9\r\n\r\ntoken=abc";
    Seen seen = Seen.of().client(request).server(response);

    assertThat(seen.onWireText(Direction.TO_SERVER))
        .isEqualTo(
            "GET /a?x=1&token=******&y HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer *******\r\n"
                + "Cookie: **** ***\r\n ***\r\nReferer: http://h/?access_token=*#z\r\n\r\n");
    assertThat(seen.onWireText(Direction.TO_CLIENT))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nSet-Cookie: ***** ******\r\nContent-Length: 9\r\n\r\ntoken=***");
    assertThat(seen.events().toString())
        .contains("token=******", "token=***")
        .doesNotContain("s3cret", "abc.def", "a=b", "id=1", "token=abc");
    assertThat(Seen.withSecrets().client(request).server(response).onWireText(Direction.TO_SERVER))
        .isEqualTo(request);
  }

  @Test
  void whatIsNotHttpIsCountedAndPassedOn() {
    Seen tls = Seen.of().clientHex("160301 0200 0100").serverHex("1603");
    assertThat(tls.lines())
        .containsExactly(
            "→ from here on only bytes are counted: TLS: what is encrypted can't be read",
            "← from here on only bytes are counted: TLS: what is encrypted can't be read");
    assertThat(tls.onWire(Direction.TO_SERVER)).hasSize(7);
    assertThat(Seen.of().client("EHLO me\r\n\r\n").lines())
        .containsExactly("→ from here on only bytes are counted: no HTTP");
  }

  @Test
  void aTerminalCannotBeSteeredByWhatIsShown() {
    assertThat(
            Seen.of()
                .client(
                    "POST /\u001b[2J HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\na\u202eb\n")
                .lines()
                .toString())
        .doesNotContain("\u001b", "\u202e");
  }

  @Test
  void aBodyThatIsCutIsIncomplete() {
    assertThat(
            Seen.of()
                .client(GET)
                .server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
                .serverEnds()
                .lines())
        .contains("← body 3 B incomplete \"abc\"");
  }
}
