package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskKeysTest {
  @Test
  void eachKeyIsNew() {
    MaskKeys keys = new MaskKeys(new SecureRandom());
    Set<Integer> drawn =
        IntStream.range(0, 1000).mapToObj(i -> keys.getAsInt()).collect(Collectors.toSet());
    assertThat(drawn).hasSizeGreaterThan(995);
  }

  @Test
  void theSourceIsAskedForManyAtOnce() {
    int[] asked = {0};
    MaskKeys keys =
        new MaskKeys(
            () -> {
              asked[0]++;
              return 7L;
            });
    for (int i = 0; i < 1024 / 4; i++) {
      keys.getAsInt();
    }
    int first = asked[0];
    keys.getAsInt();
    assertThat(asked[0]).isEqualTo(2 * first);
  }
}
