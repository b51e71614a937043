package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Duration TOO_LONG = Duration.ofDays(36_500).plusNanos(1);
  private static final Duration TOO_SHORT = Duration.ofMillis(1).minusNanos(1);

  @Test
  void aReadBringsAtLeastOnePublicationAndOneByte() {
    assertThat(new ReadLimit(1, 1)).isNotNull();
    assertThatIllegalArgumentException().isThrownBy(() -> new ReadLimit(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ReadLimit(1, 0));
  }

  @Test
  void aBatchKeepsItsOwnList() {
    StreamPosition position = new StreamPosition("a", 1);
    Publication publication = new Publication(position, Payload.text("x"), 0);
    List<Publication> publications = new ArrayList<>(List.of(publication));
    Batch batch = new Batch(Optional.empty(), publications, position);
    publications.clear();
    assertThat(batch.publications()).containsExactly(publication);
  }

  @Test
  void aHistoryKeepsAtLeastOnePublicationAndOneByteForAMillisecond() {
    Duration age = Duration.ofMillis(1);
    assertThat(new HistoryLimits(1, 1, age)).isNotNull();
    assertThat(new HistoryLimits(1 << 30, Long.MAX_VALUE, Duration.ofDays(36_500))).isNotNull();
    assertThatIllegalArgumentException().isThrownBy(() -> new HistoryLimits(0, 1, age));
    assertThatIllegalArgumentException().isThrownBy(() -> new HistoryLimits((1 << 30) + 1, 1, age));
    assertThatIllegalArgumentException().isThrownBy(() -> new HistoryLimits(1, 0, age));
    assertThatIllegalArgumentException().isThrownBy(() -> new HistoryLimits(1, 1, TOO_SHORT));
    assertThatIllegalArgumentException().isThrownBy(() -> new HistoryLimits(1, 1, TOO_LONG));
  }

  @Test
  void aBrokerHasRoomForSomething() {
    MemoryBroker.Config config = MemoryBroker.Config.defaults();
    Duration hour = Duration.ofHours(1);
    assertThatIllegalArgumentException().isThrownBy(() -> config.withChannels(0));
    assertThatIllegalArgumentException().isThrownBy(() -> config.withTotalBytes(0));
    assertThatIllegalArgumentException().isThrownBy(() -> config.withIdle(TOO_SHORT));
    assertThatIllegalArgumentException().isThrownBy(() -> config.withIdempotency(TOO_LONG, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> config.withIdempotency(hour, 0));
  }

  @Test
  void eachLimitOfABrokerCanBeSetAlone() {
    HistoryLimits history = new HistoryLimits(1, 2, Duration.ofHours(3));
    assertThat(
            MemoryBroker.Config.defaults()
                .withHistory(history)
                .withChannels(4)
                .withTotalBytes(5)
                .withIdle(Duration.ofHours(6))
                .withIdempotency(Duration.ofHours(7), 8)
                .withPresence(new PresenceLimits(9, 10, 11)))
        .isEqualTo(
            new MemoryBroker.Config(
                history,
                4,
                5,
                Duration.ofHours(6),
                Duration.ofHours(7),
                8,
                new PresenceLimits(9, 10, 11)));
  }
}
