package dev.halley.server.hook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HooksConfig;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final Instant LATER = NOW.plusSeconds(5);

  private final Circuit circuit = new Circuit(new HooksConfig.Circuit(2, Duration.ofSeconds(5)));

  @Test
  void failuresInARowOpenItAndOthersDont() {
    assertThat(circuit.failed(NOW)).isFalse();
    assertThat(circuit.succeeded()).isFalse();
    assertThat(circuit.failed(NOW)).isFalse();
    assertThat(circuit.isOpen()).isFalse();
    assertThat(circuit.failed(NOW)).isTrue();
    assertThat(circuit.isOpen()).isTrue();
    assertThat(circuit.permits(NOW)).isFalse();
    assertThat(circuit.permits(LATER.minusNanos(1))).isFalse();
  }

  @Test
  void afterThePauseOneTries() {
    circuit.failed(NOW);
    circuit.failed(NOW);
    assertThat(circuit.permits(LATER)).isTrue();
    assertThat(circuit.permits(LATER)).isFalse();
    assertThat(circuit.failed(LATER)).isFalse();
    assertThat(circuit.permits(LATER)).isFalse();
    assertThat(circuit.permits(LATER.plusSeconds(5))).isTrue();
    assertThat(circuit.succeeded()).isTrue();
    assertThat(circuit.permits(LATER)).isTrue();
    assertThat(circuit.permits(LATER)).isTrue();
  }

  @Test
  void whatWasAskedBeforeItOpenedDoesntProlongThePause() {
    circuit.failed(NOW);
    circuit.failed(NOW);
    assertThat(circuit.failed(NOW.plusSeconds(4))).isFalse();
    assertThat(circuit.permits(LATER)).isTrue();
  }
}
