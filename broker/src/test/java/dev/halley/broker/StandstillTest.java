package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StandstillTest {
  private long now = Long.MAX_VALUE - 5; // it may wrap around
  private final Standstill standstill = new Standstill(() -> now);

  private boolean isRecentAfter(long seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
    return standstill.isRecent();
  }

  @Test
  void whoLooksInTimeHasNotStoodStill() {
    for (int i = 0; i < 100; i++) {
      assertThat(isRecentAfter(1)).isFalse();
    }
    assertThat(isRecentAfter(3)).isFalse();
  }

  @Test
  void afterAStandstillThereIsTimeToRenewAndThenNotAnyMore() {
    assertThat(isRecentAfter(100)).isTrue();
    for (int i = 1; i < 10; i++) {
      assertThat(isRecentAfter(1)).as("after " + i + " s").isTrue();
    }
    assertThat(isRecentAfter(1)).isFalse();
  }

  @Test
  void anotherStandstillBeginsAnew() {
    assertThat(isRecentAfter(100)).isTrue();
    assertThat(isRecentAfter(9)).isTrue();
    assertThat(isRecentAfter(2)).isTrue();
  }
}
