package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CloseCodeTest {
  @Test
  void codesOnTheWireAreThoseOfTheRegistryAndTheOpenRanges() {
    assertThat(IntStream.rangeClosed(0, 70_000).filter(CloseCode::isValidOnWire))
        .hasSize(4 + 8 + 2000)
        .contains(1000, 1001, 1002, 1003, 1007, 1014, 3000, 4999)
        .doesNotContain(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535);
    assertThat(CloseCode.isValidOnWire(-1)).isFalse();
  }

  @Test
  void limitsAreAtLeastOneByte() {
    assertThatIllegalArgumentException().isThrownBy(() -> new MessageLimits(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new MessageLimits(1, 0));
  }
}
