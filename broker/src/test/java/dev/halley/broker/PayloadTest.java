package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class PayloadTest {
  private static final byte[] HALLEY = {'H', (byte) 0xc3, (byte) 0xa4};

  @Test
  void textAndJsonAreUtf8() {
    assertThat(Payload.text("H\u00e4").toByteArray()).isEqualTo(HALLEY);
    assertThat(Payload.text("H\u00e4").type()).isEqualTo(Payload.Type.TEXT);
    assertThat(Payload.json("\"H\u00e4\"").asText()).isEqualTo("\"H\u00e4\"");
    assertThat(Payload.json("1").type()).isEqualTo(Payload.Type.JSON);
  }

  @Test
  void binaryKeepsACopy() {
    byte[] bytes = HALLEY.clone();
    Payload payload = Payload.binary(bytes);
    bytes[0] = 0;
    payload.toByteArray()[1] = 0;
    assertThat(payload.toByteArray()).isEqualTo(HALLEY);
    assertThat(payload.type()).isEqualTo(Payload.Type.BINARY);
  }

  @Test
  void allViewsShowTheSameBytes() {
    Payload payload = Payload.wrap(Payload.Type.BINARY, HALLEY.clone());
    ByteBuffer out = ByteBuffer.allocate(5);
    payload.writeTo(out);
    assertThat(out.position()).isEqualTo(3);
    assertThat(out.flip()).isEqualTo(ByteBuffer.wrap(HALLEY));
    assertThat(payload.asByteBuffer()).isEqualTo(ByteBuffer.wrap(HALLEY));
    assertThat(payload.size()).isEqualTo(3);
    assertThat(payload.byteAt(1)).isEqualTo((byte) 0xc3);
    assertThat(payload.asText()).isEqualTo("H\u00e4");
  }

  @Test
  void theBufferCannotBeWritten() {
    ByteBuffer buffer = Payload.text("a").asByteBuffer();
    assertThatExceptionOfType(ReadOnlyBufferException.class)
        .isThrownBy(() -> buffer.put(0, (byte) 0));
  }

  @Test
  void malformedTextBecomesReplacementCharacters() {
    assertThat(Payload.binary(new byte[] {'a', (byte) 0xff}).asText()).isEqualTo("a\ufffd");
  }

  @Test
  void equalAreThoseWithTheSameTypeAndBytes() {
    assertThat(Payload.text("1")).isEqualTo(Payload.text("1")).hasSameHashCodeAs(Payload.text("1"));
    assertThat(Payload.text("1")).isNotEqualTo(Payload.json("1")).isNotEqualTo(Payload.text("2"));
  }

  @Test
  void itsContentIsNotPrinted() {
    assertThat(Payload.text("secret")).hasToString("TEXT[6 bytes]");
  }
}
