package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  @Test
  void earliestLatestAndPositionsAreRead() {
    assertThat(Cursor.parse("earliest")).isEqualTo(new Cursor.Earliest());
    assertThat(Cursor.parse("latest")).isEqualTo(new Cursor.Latest());
    assertThat(Cursor.parse("latest:3"))
        .isEqualTo(new Cursor.After(new StreamPosition("latest", 3)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Earliest", "latest ", "newest", "k3f9:"})
  void anythingElseIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse(text));
  }
}
