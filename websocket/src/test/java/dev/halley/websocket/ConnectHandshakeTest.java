package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The handshake of HTTP/2 and HTTP/3 (RFC 8441 section 5). */
class ConnectHandshakeTest {
  private final ClientHandshake handshake =
      ClientHandshake.create(
          new Random(0), List.of("chat"), List.of(DeflateParameters.NO_CONTEXT_TAKEOVER));

  private static HandshakeOutcome accept(String method, String protocol, Fields fields) {
    return ServerHandshake.acceptConnect(
        method, protocol, fields, List.of("chat"), Optional.of(DeflateParameters.CONTEXT_TAKEOVER));
  }

  @Test
  void thereIsNeitherKeyNorAcceptNorUpgrade() {
    assertThat(handshake.connectHeaders())
        .extracting(Header::name)
        .containsExactly(
            "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
    HandshakeOutcome outcome =
        accept("CONNECT", "websocket", Fields.of(handshake.connectHeaders()));
    HandshakeOutcome.Accepted accepted = (HandshakeOutcome.Accepted) outcome;
    assertThat(accepted.status()).isEqualTo(200);
    assertThat(accepted.headers())
        .extracting(Header::name)
        .containsExactly("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
    assertThat(handshake.verifyConnect(200, Fields.of(accepted.headers())))
        .isEqualTo(
            new ClientHandshake.Outcome.Established(Optional.of("chat"), accepted.deflate()));
  }

  @Test
  void anythingButConnectOfWebsocketInVersion13IsRejected() {
    Fields fields = Fields.of(handshake.connectHeaders());
    assertThat(accept("GET", "websocket", fields))
        .isEqualTo(
            new HandshakeOutcome.Rejected(
                405, "The method must be CONNECT.", List.of(new Header("Allow", "CONNECT"))));
    assertThat(accept("CONNECT", "connect-udp", fields))
        .isEqualTo(
            new HandshakeOutcome.Rejected(501, "The protocol must be websocket.", List.of()));
    assertThat(accept("CONNECT", "websocket", new Fields()))
        .isEqualTo(
            new HandshakeOutcome.Rejected(
                400, "Sec-WebSocket-Version must be there exactly once.", List.of()));
    assertThat(accept("CONNECT", "websocket", fields.with("sec-websocket-version", "12")))
        .isEqualTo(
            new HandshakeOutcome.Rejected(
                400,
                "Sec-WebSocket-Version must be 13.",
                List.of(new Header("Sec-WebSocket-Version", "13"))));
  }

  @Test
  void anyStatusBut200Fails() {
    assertThat(handshake.verifyConnect(101, new Fields()))
        .isEqualTo(new ClientHandshake.Outcome.Failed("The status must be 200."));
  }

  @Test
  void theServerNeedNotChooseAnything() {
    assertThat(handshake.verifyConnect(200, new Fields()))
        .isEqualTo(new ClientHandshake.Outcome.Established(Optional.empty(), Optional.empty()));
  }
}
