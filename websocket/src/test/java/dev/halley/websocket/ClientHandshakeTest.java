package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.halley.websocket.ClientHandshake.Outcome.Established;
import dev.halley.websocket.ClientHandshake.Outcome.Failed;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ClientHandshakeTest {
  /** Gives the nonce of RFC 6455 section 1.3. */
  private static final RandomGenerator RANDOM =
      new RandomGenerator() {
        @Override
        public void nextBytes(byte[] bytes) {
          byte[] nonce = "the sample nonce".getBytes(StandardCharsets.US_ASCII);
          System.arraycopy(nonce, 0, bytes, 0, bytes.length);
        }

        @Override
        public long nextLong() {
          throw new AssertionError();
        }
      };

  private final ClientHandshake handshake = ClientHandshake.create(RANDOM, List.of("a", "b"));

  private static Fields response() {
    return new Fields()
        .with("upgrade", "websocket")
        .with("connection", "Upgrade")
        .with("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void theRequestHasWhatTheRfcAsksFor() {
    assertThat(handshake.headers())
        .containsExactly(
            new Header("Upgrade", "websocket"),
            new Header("Connection", "Upgrade"),
            new Header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            new Header("Sec-WebSocket-Version", "13"),
            new Header("Sec-WebSocket-Protocol", "a, b"));
  }

  @Test
  void withoutSubprotocolsThereIsNoSuchField() {
    assertThat(ClientHandshake.create(RANDOM, List.of()).headers())
        .noneMatch(header -> header.name().equals("Sec-WebSocket-Protocol"));
  }

  @Test
  void theKeyIs16RandomBytes() {
    ClientHandshake random = ClientHandshake.create(RandomGenerator.getDefault(), List.of());
    String key = Fields.of(random.headers()).all("Sec-WebSocket-Key").getFirst();
    assertThat(Base64.getDecoder().decode(key)).hasSize(16);
  }

  @Test
  void subprotocolsMustBeUniqueTokens() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientHandshake.create(RANDOM, List.of("a b")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientHandshake.create(RANDOM, List.of("a", "a")));
  }

  @Test
  void theExampleOfTheRfcIsEstablished() {
    assertThat(handshake.verify(101, response()))
        .isEqualTo(new Established(Optional.empty(), Optional.empty()));
  }

  @Test
  void theStatusMustBe101() {
    assertThat(handshake.verify(200, response())).isEqualTo(new Failed("The status must be 101."));
  }

  @Test
  void upgradeMustBeWebsocket() {
    Failed failed = new Failed("Upgrade must be websocket.");
    assertThat(handshake.verify(101, response().with("Upgrade"))).isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Upgrade", "h2c"))).isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Upgrade", "websocket", "h2c")))
        .isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Upgrade", " WebSocket")))
        .isInstanceOf(Established.class);
  }

  @Test
  void connectionMustContainUpgrade() {
    Failed failed = new Failed("Connection must contain upgrade.");
    assertThat(handshake.verify(101, response().with("Connection"))).isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Connection", "Upgrade;"))).isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Connection", "keep-alive, upgrade")))
        .isInstanceOf(Established.class);
  }

  @Test
  void acceptMustBelongToTheKey() {
    Failed failed = new Failed("Sec-WebSocket-Accept must belong to the key that was sent.");
    String right = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Accept"))).isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Accept", right, right)))
        .isEqualTo(failed);
    assertThat(
            handshake.verify(
                101, response().with("Sec-WebSocket-Accept", "S" + right.substring(1))))
        .isEqualTo(failed);
  }

  @Test
  void noExtensionWasOffered() {
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Extensions", "x")))
        .isEqualTo(new Failed("Only an extension that was offered may be accepted."));
  }

  @Test
  void aSubprotocolMustBeOneThatWasOffered() {
    Failed failed = new Failed("Only a subprotocol that was offered may be chosen.");
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Protocol", "b")))
        .isEqualTo(new Established(Optional.of("b"), Optional.empty()));
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Protocol", "A")))
        .isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Protocol", "a, b")))
        .isEqualTo(failed);
    assertThat(handshake.verify(101, response().with("Sec-WebSocket-Protocol", "a", "a")))
        .isEqualTo(failed);
  }

  @Test
  void clientAndServerUnderstandEachOther() {
    Fields request = Fields.of(handshake.headers()).with("Host", "x");
    HandshakeOutcome outcome = ServerHandshake.accept("GET", "HTTP/1.1", request, List.of("b"));
    Fields response = Fields.of(((HandshakeOutcome.Accepted) outcome).headers());
    assertThat(handshake.verify(101, response))
        .isEqualTo(new Established(Optional.of("b"), Optional.empty()));
  }

  @Test
  void whoLooksOnVerifiesTheResponseToARequestOfSomebodyElse() {
    Fields request =
        Fields.request()
            .with("sec-websocket-protocol", "a, b")
            .with(
                "sec-websocket-extensions",
                "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
                "permessage-deflate; client_max_window_bits, other");
    ClientHandshake seen = ClientHandshake.ofRequest(request);

    assertThat(seen.verify(101, response().with("sec-websocket-protocol", "b")))
        .isEqualTo(new Established(Optional.of("b"), Optional.empty()));
    assertThat(
            seen.verify(
                101,
                response()
                    .with(
                        "sec-websocket-extensions",
                        "permessage-deflate; client_max_window_bits=9")))
        .isEqualTo(
            new Established(
                Optional.empty(), Optional.of(new DeflateParameters(false, false, 15, 9))));
    assertThat(seen.verify(101, response().with("sec-websocket-protocol", "c")))
        .isEqualTo(new Failed("Only a subprotocol that was offered may be chosen."));
    assertThat(seen.verify(101, response().with("sec-websocket-accept", "x")))
        .isEqualTo(new Failed("Sec-WebSocket-Accept must belong to the key that was sent."));
  }

  @Test
  void aRequestThatIsWrongOffersNothing() {
    ClientHandshake seen =
        ClientHandshake.ofRequest(
            new Fields()
                .with("sec-websocket-protocol", "a b")
                .with("sec-websocket-extensions", "permessage-deflate;"));

    assertThat(seen.verify(101, response()))
        .isEqualTo(new Failed("Sec-WebSocket-Accept must belong to the key that was sent."));
    assertThat(seen.verifyConnect(200, new Fields().with("sec-websocket-protocol", "a")))
        .isEqualTo(new Failed("Only a subprotocol that was offered may be chosen."));
  }
}
