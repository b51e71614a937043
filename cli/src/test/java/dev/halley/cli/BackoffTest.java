package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void theBoundOfTheWaitDoublesToHalfAMinuteAndBeginsAnew() {
    List<Long> bounds = new ArrayList<>();
    Backoff backoff = new Backoff(new RecordingRandom(bounds));
    for (int i = 0; i < 9; i++) {
      backoff.next();
    }
    backoff.reset();
    backoff.next();

    assertThat(bounds)
        .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 250L);
  }

  private record RecordingRandom(List<Long> bounds) implements RandomGenerator {
    @Override
    public long nextLong(long bound) {
      bounds.add(bound - 1);
      return 0;
    }

    @Override
    public long nextLong() {
      return 0;
    }
  }
}
