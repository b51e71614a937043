package dev.halley.websocket;

import static dev.halley.websocket.DeflateParameters.CONTEXT_TAKEOVER;
import static dev.halley.websocket.DeflateParameters.NO_CONTEXT_TAKEOVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692 section 7.1. */
class DeflateNegotiationTest {
  private static HandshakeOutcome.Accepted accepted(DeflateParameters server, String... offers) {
    Fields request = Fields.request().with("sec-websocket-extensions", offers);
    return (HandshakeOutcome.Accepted)
        ServerHandshake.accept("GET", "HTTP/1.1", request, List.of(), Optional.of(server));
  }

  private static String answer(HandshakeOutcome.Accepted accepted) {
    return accepted.headers().stream()
        .filter(header -> header.name().equals("Sec-WebSocket-Extensions"))
        .map(Header::value)
        .collect(Collectors.joining(" | "));
  }

  private static ClientHandshake.Outcome verified(List<DeflateParameters> offers, String... lines) {
    ClientHandshake handshake = ClientHandshake.create(new Random(0), List.of(), offers);
    return handshake.verifyConnect(200, new Fields().with("Sec-WebSocket-Extensions", lines));
  }

  private static DeflateParameters parameters(String text) {
    String[] values = text.split(" ", -1);
    return new DeflateParameters(
        values[0].equals("s"),
        values[1].equals("c"),
        Integer.parseInt(values[2]),
        Integer.parseInt(values[3]));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - - 15 15 | permessage-deflate | permessage-deflate | - - 15 15
          s c 15 15 | permessage-deflate | permessage-deflate; server_no_context_takeover; client_no_context_takeover | s c 15 15
          - - 15 15 | permessage-deflate; server_no_context_takeover | permessage-deflate; server_no_context_takeover | s - 15 15
          - - 15 15 | permessage-deflate; client_no_context_takeover | permessage-deflate; client_no_context_takeover | - c 15 15
          - - 15 15 | permessage-deflate; server_max_window_bits=10 | permessage-deflate; server_max_window_bits=10 | - - 10 15
          - - 15 15 | permessage-deflate; server_max_window_bits=15 | permessage-deflate; server_max_window_bits=15 | - - 15 15
          - - 9 15 | permessage-deflate; server_max_window_bits=10 | permessage-deflate; server_max_window_bits=9 | - - 9 15
          - - 9 15 | permessage-deflate | permessage-deflate; server_max_window_bits=9 | - - 9 15
          - - 15 15 | permessage-deflate; client_max_window_bits | permessage-deflate | - - 15 15
          - - 15 11 | permessage-deflate; client_max_window_bits | permessage-deflate; client_max_window_bits=11 | - - 15 11
          - - 15 11 | permessage-deflate; client_max_window_bits=9 | permessage-deflate; client_max_window_bits=9 | - - 15 9
          - - 15 11 | permessage-deflate; client_max_window_bits=12 | permessage-deflate; client_max_window_bits=11 | - - 15 11
          - - 15 11 | permessage-deflate | permessage-deflate | - - 15 15
          - - 15 15 | permessage-deflate; server_max_window_bits="8" | permessage-deflate; server_max_window_bits=8 | - - 8 15
          """)
  void aServerAnswersTheOfferWithWhatBothWant(
      String wanted, String offer, String answer, String agreed) {
    HandshakeOutcome.Accepted accepted = accepted(parameters(wanted), offer);
    assertThat(answer(accepted)).isEqualTo(answer);
    assertThat(accepted.deflate()).contains(parameters(agreed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-webkit-deflate-frame",
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=x",
      })
  void anOfferThatBreaksARuleIsDeclinedAndTheNextOneIsTaken(String offer) {
    HandshakeOutcome.Accepted declined = accepted(CONTEXT_TAKEOVER, offer);
    assertThat(answer(declined)).isEmpty();
    assertThat(declined.deflate()).isEmpty();
    String fallback = "permessage-deflate; server_max_window_bits=12";
    assertThat(answer(accepted(CONTEXT_TAKEOVER, offer + ", " + fallback))).isEqualTo(fallback);
    assertThat(answer(accepted(CONTEXT_TAKEOVER, offer, fallback))).isEqualTo(fallback);
  }

  @Test
  void aServerThatDoesNotWantItDeclinesEveryOffer() {
    Fields request = Fields.request().with("sec-websocket-extensions", "permessage-deflate");
    HandshakeOutcome outcome = ServerHandshake.accept("GET", "HTTP/1.1", request, List.of());
    assertThat(answer((HandshakeOutcome.Accepted) outcome)).isEmpty();
  }

  @Test
  void aClientOffersWhatItWantsBestFirst() {
    ClientHandshake handshake =
        ClientHandshake.create(
            new Random(0),
            List.of(),
            List.of(new DeflateParameters(true, true, 10, 9), CONTEXT_TAKEOVER));
    assertThat(handshake.headers())
        .contains(
            new Header(
                "Sec-WebSocket-Extensions",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                    + " server_max_window_bits=10; client_max_window_bits=9,"
                    + " permessage-deflate; client_max_window_bits"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - - 15 15 | permessage-deflate | - - 15 15
          - - 15 15 | permessage-deflate; server_no_context_takeover | s - 15 15
          - - 15 15 | permessage-deflate; client_no_context_takeover | - c 15 15
          - c 15 15 | permessage-deflate | - c 15 15
          s - 15 15 | permessage-deflate; server_no_context_takeover | s - 15 15
          - - 15 15 | permessage-deflate; server_max_window_bits=9 | - - 9 15
          - - 12 15 | permessage-deflate; server_max_window_bits=12 | - - 12 15
          - - 15 15 | permessage-deflate; client_max_window_bits=8 | - - 15 8
          - - 15 10 | permessage-deflate | - - 15 10
          - - 15 10 | permessage-deflate; client_max_window_bits=10 | - - 15 10
          """)
  void aClientTakesWhatItsOfferAllows(String offer, String answer, String agreed) {
    assertThat(verified(List.of(parameters(offer)), answer))
        .isEqualTo(
            new ClientHandshake.Outcome.Established(
                Optional.empty(), Optional.of(parameters(agreed))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          s - 15 15 | permessage-deflate
          - - 12 15 | permessage-deflate
          - - 12 15 | permessage-deflate; server_max_window_bits=13
          - - 15 15 | permessage-deflate; client_max_window_bits
          - - 15 10 | permessage-deflate; client_max_window_bits=11
          - - 15 15 | permessage-deflate; unknown
          - - 15 15 | permessage-deflate, permessage-deflate
          - - 15 15 | foo
          - - 15 15 | ,
          - - 15 15 | =
          """)
  void aClientFailsOnAnAnswerThatItsOfferDoesNotAllow(String offer, String answer) {
    assertThat(verified(List.of(parameters(offer)), answer))
        .isEqualTo(
            new ClientHandshake.Outcome.Failed(
                "Only an extension that was offered may be accepted."));
  }

  @Test
  void anAnswerMayBeToTheSecondOffer() {
    DeflateParameters first = new DeflateParameters(true, false, 15, 15);
    assertThat(verified(List.of(first, CONTEXT_TAKEOVER), "permessage-deflate"))
        .isEqualTo(
            new ClientHandshake.Outcome.Established(
                Optional.empty(), Optional.of(CONTEXT_TAKEOVER)));
  }

  @Test
  void aClientThatOfferedNothingAcceptsNothing() {
    assertThat(verified(List.of(), "permessage-deflate"))
        .isInstanceOf(ClientHandshake.Outcome.Failed.class);
  }

  @Test
  void bothSidesAgree() {
    for (DeflateParameters client : List.of(NO_CONTEXT_TAKEOVER, CONTEXT_TAKEOVER)) {
      for (DeflateParameters server : List.of(NO_CONTEXT_TAKEOVER, CONTEXT_TAKEOVER)) {
        ClientHandshake handshake =
            ClientHandshake.create(new Random(0), List.of(), List.of(client));
        Fields request = Fields.of(handshake.headers()).with("host", "localhost");
        HandshakeOutcome.Accepted accepted =
            (HandshakeOutcome.Accepted)
                ServerHandshake.accept("GET", "HTTP/1.1", request, List.of(), Optional.of(server));
        assertThat(accepted.deflate()).isPresent();
        assertThat(handshake.verify(101, Fields.of(accepted.headers())))
            .isEqualTo(
                new ClientHandshake.Outcome.Established(Optional.empty(), accepted.deflate()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 16})
  void aWindowHas8To15Bits(int bits) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeflateParameters(true, true, bits, 15));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeflateParameters(true, true, 15, bits));
  }

  @Test
  void whoLooksOnReadsWhatAResponseAgreesOn() {
    assertThat(DeflateParameters.agreedIn(List.of())).isEmpty();
    assertThat(DeflateParameters.agreedIn(List.of("other, permessage-deflate; nonsense")))
        .isEmpty();
    assertThat(
            DeflateParameters.agreedIn(
                List.of(
                    "permessage-deflate; server_no_context_takeover; server_max_window_bits=9")))
        .contains(new DeflateParameters(true, false, 9, 15));
  }
}
