package dev.halley.server.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

  private final Pace pace = new Pace(10 * SECOND, 0);

  @Test
  void whatStandsStillIsWaitedForAsLongAsThatIsAllowed() {
    assertThat(pace.left(0, true)).isEqualTo(10 * SECOND);
    assertThat(pace.left(4 * SECOND, true)).isEqualTo(6 * SECOND);
    assertThat(pace.left(10 * SECOND, true)).isZero();
  }

  @Test
  void whatKeepsUpMayTakeAnyTime() {
    for (int second = 1; second <= 1_000; second++) {
      pace.arrived(Pace.BYTES_PER_SECOND_WHEN_SHORT, second * SECOND);
      assertThat(pace.left(second * SECOND, true)).isGreaterThan(9 * SECOND);
    }
  }

  @Test
  void whatTricklesHasNoMoreTimeThanItsBytesAreWorth() {
    long second = 0;
    while (pace.left((second + 1) * SECOND, true) > 0) {
      second++;
      pace.arrived(1, second * SECOND);
    }
    assertThat(second).isBetween(8L, 11L);
  }

  @Test
  void halfTheRateLastsTwiceAsLong() {
    long second = 0;
    while (pace.left((second + 1) * SECOND, true) > MILLISECOND) {
      second++;
      pace.arrived(Pace.BYTES_PER_SECOND_WHEN_SHORT / 2, second * SECOND);
    }
    assertThat(second).isBetween(17L, 20L);
  }

  @Test
  void muchAtOnceIsNoCreditForLater() {
    pace.arrived(1 << 30, SECOND);
    assertThat(pace.left(SECOND, true)).isEqualTo(10 * SECOND);
  }

  @Test
  void whereThereIsMemoryASlowLineIsWaitedFor() {
    for (int second = 1; second <= 1_000; second++) {
      pace.arrived(Pace.BYTES_PER_SECOND + 1, second * SECOND);
      assertThat(pace.left(second * SECOND, false)).isGreaterThan(8 * SECOND);
    }
    assertThat(pace.left(1_001 * SECOND, true)).isNegative();
  }
}
