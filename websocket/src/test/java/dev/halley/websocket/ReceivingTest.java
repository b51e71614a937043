package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReceivingTest {
  private static final MessageLimits LIMITS = new MessageLimits(1 << 20, 1 << 20);

  @Test
  void theExamplesOfTheRfcAreRead() {
    Input.raw(Side.CLIENT, "810548656c6c6f").gives("TEXT Hello");
    Input.raw(Side.SERVER, "818537fa213d7f9f4d5158").gives("TEXT Hello");
    Input.raw(Side.CLIENT, "010348656c 80026c6f").gives("TEXT Hello");
    Input.raw(Side.CLIENT, "890548656c6c6f").gives("PING 48656c6c6f");
    Input.raw(Side.SERVER, "8a8537fa213d7f9f4d5158").gives("PONG 48656c6c6f");
  }

  @ParameterizedTest
  @EnumSource
  void aFrameIsAMessage(Side side) {
    Input.of(side, "8103|61c3a9", "8202|00ff").gives("TEXT aé", "BINARY 00ff");
  }

  @ParameterizedTest
  @EnumSource
  void messagesMayBeEmpty(Side side) {
    Input.of(side, "8100|", "8200|", "0100|", "8000|", "0200|", "0000|", "8000|")
        .gives("TEXT ", "BINARY ", "TEXT ", "BINARY ");
  }

  @ParameterizedTest
  @EnumSource
  void controlFramesMayBeEmpty(Side side) {
    Input.of(side, "8900|", "8a00|", "8800|").gives("PING ", "PONG ", "CLOSE 1005 ");
  }

  @ParameterizedTest
  @EnumSource
  void lengthsUpTo125StandInTheSecondByte(Side side) {
    Input.of(side, "827d|" + "ab".repeat(125)).gives("BINARY " + "ab".repeat(125));
  }

  @ParameterizedTest
  @EnumSource
  void lengthsFrom126StandInTwoBytes(Side side) {
    Input.of(side, "827e007e|" + "ab".repeat(126)).gives("BINARY " + "ab".repeat(126));
    Input.of(side, "827e0105|" + "ab".repeat(261)).gives("BINARY " + "ab".repeat(261));
  }

  @ParameterizedTest
  @EnumSource
  void lengthsUpTo65535StandInTwoBytes(Side side) {
    assertThat(lengthOfBinary(side, "827effff|" + "ab".repeat(65535))).isEqualTo(65535);
  }

  @ParameterizedTest
  @EnumSource
  void lengthsFrom65536StandInEightBytes(Side side) {
    assertThat(lengthOfBinary(side, "827f0000000000010000|" + "ab".repeat(65536))).isEqualTo(65536);
    assertThat(lengthOfBinary(side, "827f0000000000010203|" + "ab".repeat(66051))).isEqualTo(66051);
  }

  /** Whole, and with the header byte by byte; cutting at every byte would take too long. */
  private static int lengthOfBinary(Side side, String frame) {
    byte[] bytes = side.received(frame);
    WebSocketProtocol whole = side.protocol(LIMITS);
    assertThat(whole.receive(ByteBuffer.wrap(bytes.clone()))).isEqualTo(Event.BINARY);

    WebSocketProtocol cut = side.protocol(LIMITS);
    for (int i = 0; i < 20; i++) {
      assertThat(cut.receive(ByteBuffer.wrap(new byte[] {bytes[i]}))).isEqualTo(Event.NEED_INPUT);
    }
    assertThat(cut.receive(ByteBuffer.wrap(bytes, 20, bytes.length - 20))).isEqualTo(Event.BINARY);
    assertThat(cut.payload()).isEqualTo(whole.payload());
    return cut.payloadLength();
  }

  @ParameterizedTest
  @EnumSource
  void framesOfOneMessageAreJoined(Side side) {
    Input.of(side, "0102|4865", "0001|6c", "8002|6c6f").gives("TEXT Hello");
    Input.of(side, "0201|01", "0000|", "0009|020304050607080900", "8000|")
        .gives("BINARY 01020304050607080900");
  }

  @ParameterizedTest
  @EnumSource
  void controlFramesMayInterruptAMessage(Side side) {
    Input.of(side, "0102|4865", "8902|0102", "0003|6c6c6f", "8a01|03", "8000|", "8201|04")
        .gives("PING 0102", "PONG 03", "TEXT Hello", "BINARY 04");
  }

  @ParameterizedTest
  @EnumSource
  void aCloseMayInterruptAMessage(Side side) {
    Input.of(side, "0102|4865", "8802|03e8").gives("CLOSE 1000 ");
  }

  @ParameterizedTest
  @EnumSource
  void aMessageThatLiesInTheInputWholeStaysThere(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    ByteBuffer input = ByteBuffer.wrap(side.received("8101|61", "8202|0102", "8902|0304"));
    for (Event event : List.of(Event.TEXT, Event.BINARY, Event.PING)) {
      assertThat(protocol.receive(input)).isEqualTo(event);
      assertThat(protocol.payloadBuffer()).isSameAs(input);
      assertThat(protocol.payloadOffset() + protocol.payloadLength()).isEqualTo(input.position());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theLastFrameStaysInTheInputIfAllBeforeItWereEmpty(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    ByteBuffer input = ByteBuffer.wrap(side.received("0200|", "8001|61"));
    assertThat(protocol.receive(input)).isEqualTo(Event.BINARY);
    assertThat(protocol.payloadBuffer()).isSameAs(input);
  }

  @ParameterizedTest
  @EnumSource
  void noPayloadIsKeptAfterIt(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    protocol.receive(ByteBuffer.wrap(side.received("0202|0102")));
    protocol.receive(ByteBuffer.wrap(side.received("8001|03")));
    assertThat(protocol.payloadLength()).isEqualTo(3);
    protocol.receive(ByteBuffer.allocate(0));
    assertThat(protocol.payloadBuffer().capacity()).isZero();
    assertThat(protocol.payloadOffset()).isZero();
    assertThat(protocol.payloadLength()).isZero();
  }

  @Test
  void aClientDoesNotWriteIntoItsInput() {
    WebSocketProtocol protocol = Side.CLIENT.protocol(LIMITS);
    ByteBuffer input = ByteBuffer.wrap(Side.hex("810161 8201")).asReadOnlyBuffer();
    assertThat(protocol.receive(input)).isEqualTo(Event.TEXT);
    assertThat(protocol.receive(input)).isEqualTo(Event.NEED_INPUT);
  }
}
