package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ChannelNamesTest {
  @Test
  void ofAllCharactersSixtySevenAreAllowed() {
    StringBuilder allowed = new StringBuilder();
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      if (ChannelNames.isValid("a" + (char) c + "b")) {
        allowed.append((char) c);
      }
    }
    assertThat(allowed)
        .hasToString("-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
  }

  @Test
  void aNameHasOneTo255Characters() {
    assertThat(ChannelNames.isValid("")).isFalse();
    assertThat(ChannelNames.isValid("a")).isTrue();
    assertThat(ChannelNames.isValid("a".repeat(255))).isTrue();
    assertThat(ChannelNames.isValid("a".repeat(256))).isFalse();
  }

  @Test
  void whatIsRequiredToBeValidIsReturnedOrRefusedWithTheRule() {
    assertThat(ChannelNames.requireValid("chat:1")).isEqualTo("chat:1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelNames.requireValid("chat/1"))
        .withMessage(ChannelNames.RULE);
  }
}
