package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.ServerConfig;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the bounds of memory add up to. */
class MemoryBoundsTest {
  private static final long MIB = 1L << 20;

  @ParameterizedTest
  @ValueSource(longs = {64, 128, 256, 512, 2_048, 16_384})
  void theDefaultsFitIntoEveryHeap(long mebibytes) {
    long heap = mebibytes * MIB;
    MemoryBounds bounds =
        new MemoryBounds(
            heap,
            MemoryBroker.Config.totalBytesFor(heap),
            ServerConfig.Limits.listeningBytesFor(heap),
            heap / 4);
    assertThat(bounds.warning()).isEmpty();
  }

  @Test
  void theyFollowTheHeapOfThisProcess() {
    Configuration configuration = read(Map.of());
    MemoryBounds bounds = MemoryBounds.of(configuration);
    assertThat(bounds.heap()).isEqualTo(Runtime.getRuntime().maxMemory());
    assertThat(bounds.history()).isEqualTo(bounds.heap() / 4);
    assertThat(bounds.listening()).isEqualTo(bounds.heap() / 4);
  }

  @Test
  void whatIsSetIsTaken() {
    Configuration configuration =
        read(Map.of("HALLEY_HISTORY_TOTAL_BYTES", "5MiB", "HALLEY_LIMITS_LISTENING_BYTES", "7MiB"));
    MemoryBounds bounds = MemoryBounds.of(configuration);
    assertThat(bounds.history()).isEqualTo(5 * MIB);
    assertThat(bounds.listening()).isEqualTo(7 * MIB);
    assertThat(bounds.summary())
        .startsWith("memory: 5.0 MiB for history, 7.0 MiB for connections and listeners, ");
  }

  @Test
  void aSumThatTheHeapHasNoRoomForIsWarnedOf() {
    MemoryBounds bounds = new MemoryBounds(128 * MIB, 100 * MIB, 10 * MIB, 10 * MIB);
    assertThat(bounds.warning().orElseThrow())
        .contains("120 MiB", "128 MiB", "history.total-bytes", "-Xmx");
    assertThat(new MemoryBounds(128 * MIB, 92 * MIB, 10 * MIB, 10 * MIB).warning()).isEmpty();
  }

  private static Configuration read(Map<String, String> environment) {
    return ConfigurationReader.read(Map.of(), environment, Optional.empty());
  }
}
