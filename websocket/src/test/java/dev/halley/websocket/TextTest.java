package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Text must be UTF-8, and the first bad byte ends the connection. */
class TextTest {
  private static final String FAILURE = "FAILURE 1007 Text messages must be UTF-8.";

  @ParameterizedTest
  @EnumSource
  void charactersMayBeCutByFrames(Side side) {
    Input.of(side, "0102|f09f", "0000|", "8901|00", "0001|98", "8001|80")
        .gives("PING 00", "TEXT 😀");
  }

  @ParameterizedTest
  @EnumSource
  void bytesThatAreNotUtf8Fail(Side side) {
    for (String bad : new String[] {"80", "c0", "c1", "f5", "ff", "c328", "eda0", "f490", "e09f"}) {
      int length = bad.length() / 2;
      Input.of(side, "810" + length + "|" + bad).gives(FAILURE);
      Input.of(side, "8101|61", "010" + length + "|" + bad).gives("TEXT a", FAILURE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageMustNotEndWithinACharacter(Side side) {
    Input.of(side, "8102|61c3").gives(FAILURE);
    Input.of(side, "0101|c3", "8000|").gives(FAILURE);
    Input.of(side, "8103|e282ac", "8102|e282").gives("TEXT €", FAILURE);
  }

  @ParameterizedTest
  @EnumSource
  void aBadByteFailsBeforeItsFrameIsWhole(Side side) {
    Input.of(side, "817e03e8|" + "61".repeat(20) + "ff").gives(FAILURE);
    Input.of(side, "0102|61c3", "8005|28").gives(FAILURE);
  }

  @ParameterizedTest
  @EnumSource
  void aBadByteFailsAtOnce(Side side) {
    byte[] bytes = side.received("810a|6161f4906161");
    int bad = bytes.length - 3;
    WebSocketProtocol protocol = side.protocol(new MessageLimits(100, 100));
    assertThat(protocol.receive(ByteBuffer.wrap(Arrays.copyOf(bytes, bad))))
        .isEqualTo(WebSocketProtocol.Event.NEED_INPUT);
    assertThat(protocol.receive(ByteBuffer.wrap(bytes, bad, 1)))
        .isEqualTo(WebSocketProtocol.Event.FAILURE);
  }

  @ParameterizedTest
  @EnumSource
  void binaryMessagesAreNotLookedAt(Side side) {
    Input.of(side, "8203|ff61c3", "0201|ff", "8001|c3", "8101|61")
        .gives("BINARY ff61c3", "BINARY ffc3", "TEXT a");
  }
}
