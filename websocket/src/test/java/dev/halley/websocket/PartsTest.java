package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages that are larger than memory, in parts; without compression. */
class PartsTest {
  private static final ProtocolOptions IN_PARTS =
      ProtocolOptions.of(new MessageLimits(10, 10)).receivingInParts();

  @ParameterizedTest
  @EnumSource
  void partsAreWhatLiesInTheInputAndNothingIsHeld(Side side) {
    Peer peer = Peer.of(side, IN_PARTS);
    byte[] wire =
        side.received("0105|48656c6c6f", "8902|0102", "0000|", "8006|2c20e4bda021", "8200|");
    peer.receive(wire);
    assertThat(peer.events).containsExactly(Event.TEXT_PART, Event.PING, Event.TEXT, Event.BINARY);
    assertThat(new String(peer.payloads.get(2), StandardCharsets.UTF_8)).isEqualTo(", 你!");
    assertThat(peer.payloads.getLast()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aFrameOfManyGigabytesIsReadAsItComes(Side side) {
    Peer peer = Peer.of(side, IN_PARTS);
    long left = 1L << 40;
    peer.receive(side.received("827f0000010000000000|"));
    byte[] piece = new byte[1 << 20];
    for (int i = 0; i < 64; i++) {
      peer.receive(piece);
      left -= piece.length;
      assertThat(peer.events.getLast()).isEqualTo(Event.BINARY_PART);
      assertThat(peer.payloads.getLast()).hasSize(piece.length);
      peer.payloads.clear();
    }
    assertThat(left).isPositive();
    assertThat(peer.protocol.canSend()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void textIsCheckedAcrossParts(Side side) {
    Peer good = Peer.of(side, IN_PARTS);
    good.receive(side.received("0102|e4bd", "8001|a0"));
    assertThat(good.events).containsExactly(Event.TEXT_PART, Event.TEXT);
    Peer cutShort = Peer.of(side, IN_PARTS);
    cutShort.receive(side.received("0102|e4bd", "8000|"));
    assertThat(cutShort.events).containsExactly(Event.TEXT_PART, Event.FAILURE);
    Peer bad = Peer.of(side, IN_PARTS);
    bad.receive(side.received("0102|e4bd", "0001|41"));
    assertThat(bad.events).containsExactly(Event.TEXT_PART, Event.FAILURE);
    assertThat(bad.protocol.closeCode()).isEqualTo(CloseCode.INVALID_PAYLOAD);
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheFirstPartSaysWhatTheMessageIs(Side side) {
    Peer sender = Peer.of(side, ProtocolOptions.of(Peer.LIMITS));
    int opcodes = 0;
    for (boolean last : new boolean[] {false, false, true, false}) {
      byte[] frame =
          sender.written(
              to -> sender.protocol.writeTextPart(ByteBuffer.wrap(new byte[] {65}), last, to));
      opcodes = opcodes << 8 | (frame[0] & 0xff);
      assertThat(frame).hasSize(sender.protocol.partLength(1));
    }
    assertThat(opcodes).isEqualTo(0x01_00_80_01);
  }

  @Test
  void aPartIsOneFrame() {
    Peer sender = Peer.of(Side.CLIENT, ProtocolOptions.of(Peer.LIMITS));
    Peer receiver = Peer.of(Side.SERVER, ProtocolOptions.of(Peer.LIMITS));
    receiver.receive(sender.part(new byte[] {1, 2}, false));
    receiver.receive(sender.part(new byte[] {3}, true));
    assertThat(receiver.payloads).containsExactly(new byte[] {1, 2, 3});
    sender.protocol.release();
  }

  @Test
  void anotherMessageMustWaitForTheLastPart() {
    Peer sender = Peer.of(Side.SERVER, ProtocolOptions.of(Peer.LIMITS));
    sender.part(new byte[1], false);
    assertThatIllegalStateException().isThrownBy(() -> sender.text(new byte[1]));
  }

  @Test
  void afterACloseNoPartCanBeSent() {
    Peer sender = Peer.of(Side.SERVER, ProtocolOptions.of(Peer.LIMITS));
    sender.written(to -> sender.protocol.writeClose(CloseCode.NORMAL, "", to));
    assertThatIllegalStateException().isThrownBy(() -> sender.part(new byte[1], true));
    assertThatIllegalStateException()
        .isThrownBy(
            () -> sender.protocol.writePong(ByteBuffer.allocate(1), ByteBuffer.allocate(9)));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                sender.protocol.writeTextPart(
                    ByteBuffer.allocate(1), true, ByteBuffer.allocate(9)));
  }

  @Test
  void aPongCarriesAtMost125Bytes() {
    Peer sender = Peer.of(Side.SERVER, ProtocolOptions.of(Peer.LIMITS));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> sender.protocol.writePong(ByteBuffer.allocate(126), ByteBuffer.allocate(200)));
  }
}
