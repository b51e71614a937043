package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClosingTest {
  private final ByteBuffer out = ByteBuffer.allocate(1000);

  private static WebSocketProtocol protocol(Side side) {
    return side.protocol(new MessageLimits(1000, 1000));
  }

  private static Event receive(WebSocketProtocol protocol, Side side, String... frames) {
    return protocol.receive(ByteBuffer.wrap(side.received(frames)));
  }

  private byte[] written() {
    return Arrays.copyOf(out.array(), out.position());
  }

  @ParameterizedTest
  @EnumSource
  void aPingIsAnsweredWithItsPayload(Side side) {
    Input.of(side, "8903|010203", "8101|61", "8900|")
        .givesWithReplies(List.of("PING 010203", "TEXT a", "PING "), "8a03|010203", "8a00|");
  }

  @ParameterizedTest
  @EnumSource
  void aPingOfFullLengthIsAnswered(Side side) {
    String payload = "|" + "ab".repeat(125);
    Input.of(side, "897d" + payload)
        .givesWithReplies(List.of("PING " + payload.substring(1)), "8a7d" + payload);
  }

  @ParameterizedTest
  @EnumSource
  void aPongIsNotAnswered(Side side) {
    Input.of(side, "8a01|01").givesWithReplies(List.of("PONG 01"));
  }

  @ParameterizedTest
  @EnumSource
  void aCloseIsAnsweredWithTheSame(Side side) {
    Input.of(side, "8805|0fa0627965")
        .givesWithReplies(List.of("CLOSE 4000 bye"), "8805|0fa0627965");
    Input.of(side, "8800|").givesWithReplies(List.of("CLOSE 1005 "), "8800|");
  }

  @ParameterizedTest
  @EnumSource
  void aFailureIsAnsweredWithItsCodeAndRule(Side side) {
    Input.of(side, "8101|ff")
        .givesWithReplies(
            List.of("FAILURE 1007 Text messages must be UTF-8."),
            "881e|03ef54657874206d65737361676573206d757374206265205554462d382e");
  }

  @ParameterizedTest
  @EnumSource
  void aPingsReplyNotTakenIsDropped(Side side) {
    WebSocketProtocol protocol = protocol(side);
    receive(protocol, side, "8901|01");
    receive(protocol, side, "8a00|");
    assertThat(protocol.replyLength()).isZero();
    protocol.writeReply(out);
    assertThat(out.position()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aCloseReplyNotTakenStays(Side side) {
    WebSocketProtocol protocol = protocol(side);
    receive(protocol, side, "8802|03e8");
    receive(protocol, side, "8901|01");
    assertThat(protocol.replyLength()).isEqualTo(side.peer().received("8802|03e8").length);
    protocol.writeReply(out);
    assertThat(written()).isEqualTo(side.peer().received("8802|03e8"));
  }

  @ParameterizedTest
  @EnumSource
  void aPingAfterOurCloseIsStillAnswered(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "", out);
    out.clear();
    assertThat(receive(protocol, side, "8901|01")).isEqualTo(Event.PING);
    protocol.writeReply(out);
    assertThat(written()).isEqualTo(side.peer().received("8a01|01"));
  }

  @ParameterizedTest
  @EnumSource
  void messagesAfterOurCloseAreStillReceived(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "", out);
    assertThat(receive(protocol, side, "8101|61")).isEqualTo(Event.TEXT);
  }

  @ParameterizedTest
  @EnumSource
  void thePeersAnswerToOurCloseIsNotAnswered(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "bye", out);
    assertThat(written()).isEqualTo(side.peer().received("8805|03e8627965"));
    assertThat(receive(protocol, side, "8802|03e8")).isEqualTo(Event.CLOSE);
    assertThat(protocol.replyLength()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aFailureAfterOurCloseIsNotAnswered(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "bye", out);
    assertThat(receive(protocol, side, "8300|")).isEqualTo(Event.FAILURE);
    assertThat(protocol.replyLength()).isZero();
    assertThat(protocol.shouldCloseTransport()).isEqualTo(side == Side.SERVER);
  }

  @ParameterizedTest
  @EnumSource
  void aSecondCloseWritesNothing(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "", out);
    int before = out.position();
    protocol.writeClose(1001, "", out);
    assertThat(out.position()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void ourOwnCloseSupersedesTheReply(Side side) {
    WebSocketProtocol protocol = protocol(side);
    receive(protocol, side, "8802|03e8");
    protocol.writeClose(1001, "", out);
    assertThat(protocol.replyLength()).isZero();
    assertThat(written()).isEqualTo(side.peer().received("8802|03e9"));
  }

  @ParameterizedTest
  @EnumSource
  void whoReceivedACloseMayStillSend(Side side) {
    WebSocketProtocol protocol = protocol(side);
    receive(protocol, side, "8800|");
    assertThat(protocol.canSend()).isTrue();
    protocol.writeText(ByteBuffer.wrap(new byte[] {'a'}), out);
    assertThat(written()).isEqualTo(side.peer().received("8101|61"));
  }

  @ParameterizedTest
  @EnumSource
  void whoSentACloseMustNotSend(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "", out);
    assertThat(protocol.canSend()).isFalse();
    ByteBuffer payload = ByteBuffer.allocate(1);
    assertThatIllegalStateException().isThrownBy(() -> protocol.writeText(payload, out));
    assertThatIllegalStateException().isThrownBy(() -> protocol.writeBinary(payload, out));
    assertThatIllegalStateException().isThrownBy(() -> protocol.writePing(payload, out));
  }

  @Test
  void theServerClosesTheTransportAfterBothCloses() {
    WebSocketProtocol asked = protocol(Side.SERVER);
    receive(asked, Side.SERVER, "8800|");
    assertThat(asked.shouldCloseTransport()).isFalse();
    asked.writeReply(out);
    assertThat(asked.shouldCloseTransport()).isTrue();
    assertThat(asked.awaitingClose()).isFalse();

    WebSocketProtocol asking = protocol(Side.SERVER);
    assertThat(asking.awaitingClose()).isFalse();
    asking.writeClose(1000, "", out);
    assertThat(asking.shouldCloseTransport()).isFalse();
    assertThat(asking.awaitingClose()).isTrue();
    receive(asking, Side.SERVER, "8800|");
    assertThat(asking.shouldCloseTransport()).isTrue();
    assertThat(asking.awaitingClose()).isFalse();
  }

  @Test
  void theServerClosesTheTransportAfterAFailure() {
    WebSocketProtocol protocol = protocol(Side.SERVER);
    receive(protocol, Side.SERVER, "8300|");
    assertThat(protocol.shouldCloseTransport()).isFalse();
    protocol.writeReply(out);
    assertThat(protocol.shouldCloseTransport()).isTrue();
  }

  @Test
  void theClientWaitsForTheServerToCloseTheTransport() {
    WebSocketProtocol protocol = protocol(Side.CLIENT);
    protocol.writeClose(1000, "", out);
    assertThat(protocol.awaitingClose()).isTrue();
    receive(protocol, Side.CLIENT, "8800|");
    assertThat(protocol.awaitingClose()).isTrue();
    assertThat(protocol.shouldCloseTransport()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void codesThatMayNotBeSentAreRefused(Side side) {
    for (int code : new int[] {-1, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> protocol(side).writeClose(code, "", out));
    }
    assertThat(out.position()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aReasonThatIsTooLongIsCutBetweenCharacters(Side side) {
    WebSocketProtocol protocol = protocol(side);
    protocol.writeClose(1000, "a".repeat(121) + "é€", out);
    assertThat(written()).isEqualTo(side.peer().received("887d|03e8" + "61".repeat(121) + "c3a9"));

    out.clear();
    protocol(side).writeClose(1000, "a".repeat(122) + "é", out);
    assertThat(written()).isEqualTo(side.peer().received("887c|03e8" + "61".repeat(122)));
  }

  @Test
  void noReplyIsLongerThanTheDocumentedMaximum() {
    WebSocketProtocol protocol = protocol(Side.CLIENT);
    receive(protocol, Side.CLIENT, "897d|" + "00".repeat(125));
    assertThat(protocol.replyLength()).isEqualTo(WebSocketProtocol.MAX_CONTROL_LENGTH);
    for (Rule rule : Rule.values()) {
      assertThat(rule.status().toPayload().length).isLessThanOrEqualTo(125);
    }
  }
}
