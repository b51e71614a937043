package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainSpreadTest {
  private static final Duration DRAIN_TIME = Duration.ofSeconds(10);

  @Test
  void fewConnectionsAreToldAtTheRate() {
    Drain drain = new Drain(Duration.ZERO, 500);

    assertThat(drain.spread(0, DRAIN_TIME)).isZero();
    assertThat(drain.spread(1, DRAIN_TIME)).isEqualTo(Duration.ofMillis(2));
    assertThat(drain.spread(1_000, DRAIN_TIME)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void manyConnectionsAreToldInHalfOfTheDrainTime() {
    Drain drain = new Drain(Duration.ZERO, 500);

    assertThat(drain.spread(2_500, DRAIN_TIME)).isEqualTo(Duration.ofSeconds(5));
    assertThat(drain.spread(Integer.MAX_VALUE, DRAIN_TIME)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void theNumbersAreChecked() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Drain(Duration.ofMillis(-1), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Drain(Duration.ZERO, 0));
  }
}
