package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void linesAreMadeAndNotSaid() {
    assertThat(WarmUp.run()).isGreaterThan(100);
  }

  @Test
  void itEndsByItself() throws Exception {
    Thread thread = WarmUp.begin();
    thread.join(20_000);
    assertThat(thread.isAlive()).isFalse();
  }
}
