package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SendingTest {
  private static final MessageLimits LIMITS = new MessageLimits(1, 1);

  private static byte[] written(ByteBuffer out) {
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource
  void aMessageIsOneFrame(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    ByteBuffer out = ByteBuffer.allocate(100);
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2);
    protocol.writeBinary(payload, out);
    assertThat(payload.remaining()).isZero();
    assertThat(payload.position()).isEqualTo(3);
    protocol.writeText(ByteBuffer.wrap(new byte[] {'a'}), out);
    protocol.writePing(ByteBuffer.allocate(0), out);
    assertThat(written(out)).isEqualTo(side.peer().received("8202|0102", "8101|61", "8900|"));
  }

  @ParameterizedTest
  @EnumSource
  void theLengthIsInItsShortestForm(Side side) {
    for (int length : new int[] {0, 125, 126, 65535, 65536}) {
      String header =
          length < 126
              ? "82%02x".formatted(length)
              : length < 65536 ? "827e%04x".formatted(length) : "827f%016x".formatted(length);
      for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
        ByteBuffer out = ByteBuffer.allocate(length + 14).order(order);
        WebSocketProtocol protocol = side.protocol(LIMITS);
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xab);
        protocol.writeBinary(ByteBuffer.wrap(payload), out);
        assertThat(written(out))
            .isEqualTo(side.peer().received(header + "|" + "ab".repeat(length)))
            .hasSize(protocol.messageLength(length));
      }
    }
  }

  @Test
  void aClientTakesANewKeyForEachFrame() {
    PrimitiveIterator.OfInt keys = IntStream.of(0x01020304, 0x11121314, 0).iterator();
    WebSocketProtocol client = WebSocketProtocol.client(LIMITS, keys::nextInt);
    ByteBuffer out = ByteBuffer.allocate(100);
    client.writeBinary(ByteBuffer.allocate(1), out);
    client.writePing(ByteBuffer.allocate(1), out);
    client.writeClose(1000, "", out);
    assertThat(written(out)).isEqualTo(Side.hex("82810102030401 89811112131411 88820000000003e8"));
  }

  @ParameterizedTest
  @EnumSource
  void whatDoesNotFitIsNotBegun(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    ByteBuffer payload = ByteBuffer.allocate(10);
    ByteBuffer out = ByteBuffer.allocate(protocol.messageLength(10) - 1);
    assertThatExceptionOfType(BufferOverflowException.class)
        .isThrownBy(() -> protocol.writeText(payload, out));
    assertThat(payload.remaining()).isEqualTo(10);
    assertThat(out.position()).isZero();
    assertThat(out.array()).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource
  void aCloseThatDoesNotFitIsNotSent(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    assertThatExceptionOfType(BufferOverflowException.class)
        .isThrownBy(() -> protocol.writeClose(1000, "", ByteBuffer.allocate(3)));
    assertThat(protocol.canSend()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aPingHasAtMost125Bytes(Side side) {
    WebSocketProtocol protocol = side.protocol(LIMITS);
    ByteBuffer out = ByteBuffer.allocate(200);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> protocol.writePing(ByteBuffer.allocate(126), out));
    protocol.writePing(ByteBuffer.allocate(125), out);
    assertThat(out.position()).isEqualTo(protocol.messageLength(125));
  }

  @ParameterizedTest
  @EnumSource
  void aMessageLengthThatIsNoIntIsRefused(Side side) {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> side.protocol(LIMITS).messageLength(Integer.MAX_VALUE));
  }

  @Test
  void aHeaderTakes2Or4Or10Bytes() {
    assertThat(FrameHeader.length(0)).isEqualTo(2);
    assertThat(FrameHeader.length(125)).isEqualTo(2);
    assertThat(FrameHeader.length(126)).isEqualTo(4);
    assertThat(FrameHeader.length(65535)).isEqualTo(4);
    assertThat(FrameHeader.length(65536)).isEqualTo(FrameHeader.MAX_LENGTH);
    assertThat(FrameHeader.length(Integer.MAX_VALUE)).isEqualTo(10);
  }

  @Test
  void aHeaderIsWrittenAtThePosition() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      ByteBuffer out = ByteBuffer.allocate(16).order(order);
      FrameHeader.write(out, Opcode.TEXT, false, 5);
      FrameHeader.write(out, Opcode.CONTINUATION, true, 0x1234);
      FrameHeader.write(out, Opcode.BINARY, true, 0x12345678);
      assertThat(out.array()).isEqualTo(Side.hex("0105 807e1234 827f0000000012345678"));
      assertThat(out.hasRemaining()).isFalse();
    }
  }

  @Test
  void aHeaderThatDoesNotFitIsNotBegun() {
    ByteBuffer out = ByteBuffer.allocate(3);
    assertThatExceptionOfType(BufferOverflowException.class)
        .isThrownBy(() -> FrameHeader.write(out, Opcode.TEXT, true, 126));
    assertThat(out.array()).containsOnly(0);
  }

  @Test
  void aHeaderIsWrittenBeforeAPayloadThatIsThere() {
    ByteBuffer buffer = ByteBuffer.wrap(Side.hex("ffff ffff 616263"));
    FrameHeader.write(buffer, 4 - FrameHeader.length(3), Opcode.TEXT, true, 3);
    assertThat(buffer.array()).isEqualTo(Side.hex("ffff 8103 616263"));
    assertThat(buffer.position()).isZero();
  }
}
