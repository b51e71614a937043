package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabPublisherTest {
  private final List<Duration> running = new ArrayList<>();
  private final LabPublisher publisher = new LabPublisher(this::every, () -> {});

  private Runnable every(Duration period, Runnable task) {
    running.add(period);
    return () -> running.remove(period);
  }

  @Test
  void itPublishesWhileSomebodyWatches() {
    assertThat(running).isEmpty();
    publisher.join();
    publisher.join();
    assertThat(running).containsExactly(Duration.ofMillis(500));

    publisher.leave();
    assertThat(running).hasSize(1);
    publisher.leave();
    assertThat(running).isEmpty();
  }

  @Test
  void aNewRateReplacesTheOldOne() {
    publisher.join();
    publisher.setRate(10);

    assertThat(running).containsExactly(Duration.ofMillis(100));
  }

  @Test
  void aRateThatIsSetWhileNobodyWatchesPublishesNothing() {
    publisher.setRate(10);
    assertThat(running).isEmpty();

    publisher.join();
    assertThat(running).containsExactly(Duration.ofMillis(100));
  }

  @Test
  void theRateIsBounded() {
    publisher.setRate(1e9);
    assertThat(publisher.rate()).isEqualTo(LabPublisher.FASTEST);
    publisher.setRate(-1);
    assertThat(publisher.rate()).isEqualTo(LabPublisher.SLOWEST);
    publisher.setRate(Double.NaN);
    assertThat(publisher.rate()).isEqualTo(LabPublisher.SLOWEST);
  }

  @Test
  void closingEndsIt() {
    publisher.join();
    publisher.close();

    assertThat(running).isEmpty();
  }
}
