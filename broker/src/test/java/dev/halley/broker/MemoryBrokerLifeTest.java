package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MemoryBrokerLifeTest {
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration TICK = Duration.ofMillis(1);

  private final BrokerFixture fixture =
      new BrokerFixture(MemoryBroker.Config.defaults().withIdle(IDLE));
  private final MemoryBroker broker = fixture.broker;

  @Test
  void aReadOfWhatWasNotPublishedLeavesNothingBehind() {
    StreamPosition before = fixture.history("a", new Cursor.Latest()).position();
    assertThat(fixture.history("a", new Cursor.Earliest()).position()).isEqualTo(before);
    assertThat(broker.usage("a")).isEmpty();
    assertThat(broker.channels()).isZero();
    assertThat(broker.usedBytes()).isZero();
  }

  @Test
  void whatIsPublishedAfterThatIsReadWithoutAGap() {
    StreamPosition before = fixture.history("a", new Cursor.Latest()).position();
    fixture.publish("a", "1");
    Batch batch = fixture.history("a", new Cursor.After(before));
    assertThat(batch.gap()).isEmpty();
    assertThat(BrokerFixture.texts(batch.publications())).containsExactly("1");
  }

  @Test
  void aFollowerOfWhatWasNotPublishedIsThere() {
    StreamPosition before = fixture.history("a", new Cursor.Latest()).position();
    try (Tail tail = broker.follow("a", () -> {})) {
      assertThat(tail.head()).isEqualTo(before);
    }
    StreamPosition after = fixture.history("a", new Cursor.After(before)).position();
    pass(IDLE);
    assertThat(broker.channels()).isZero();
    assertThat(fixture.history("a", new Cursor.After(after)).gap()).isEmpty();
    fixture.publish("a", "1");
    assertThat(BrokerFixture.texts(fixture.history("a", new Cursor.After(after)).publications()))
        .containsExactly("1");
  }

  @Test
  void whoReadNothingIsToldOfAGapIfALogHasComeAndGoneMeanwhile() {
    StreamPosition before = fixture.history("a", new Cursor.Latest()).position();
    fixture.publish("a", "1");
    pass(HistoryLimits.defaults().age().plus(IDLE));
    assertThat(broker.channels()).isZero();
    assertThat(fixture.history("a", new Cursor.After(before)).gap()).isPresent();
    fixture.publish("a", "2");
    Batch batch = fixture.history("a", new Cursor.After(before));
    assertThat(batch.gap()).isPresent();
    assertThat(BrokerFixture.texts(batch.publications())).containsExactly("2");
  }

  @Test
  void aPositionOfALogThatIsGoneIsAGapForWhoeverReadSomeOfIt() {
    StreamPosition first = fixture.publish("a", "1");
    pass(HistoryLimits.defaults().age().plus(IDLE));
    StreamPosition next = fixture.publish("a", "2");
    assertThat(next.sameEpoch(first)).isFalse();
    assertThat(fixture.history("a", new Cursor.After(first)).gap()).isPresent();
  }

  @Test
  void aPositionOfOneChannelIsNoneOfAnother() {
    StreamPosition a = fixture.history("a", new Cursor.Latest()).position();
    assertThat(fixture.history("b", new Cursor.After(a)).gap()).isPresent();
    assertThat(new BrokerFixture(MemoryBroker.Config.defaults(), 2).publish("a", "1").sameEpoch(a))
        .as("another broker")
        .isFalse();
  }

  @Test
  void aReadOfTheHistoryIsAskingForIt() {
    fixture.publish("a", "1");
    fixture.clock.advance(HistoryLimits.defaults().age());
    fixture.history("a", new Cursor.Latest());
    pass(IDLE.minus(TICK));
    assertThat(broker.channels()).isEqualTo(1);
    pass(TICK);
    assertThat(broker.channels()).isZero();
  }

  @Test
  void aLogThatKeepsSomethingIsNotForgotten() {
    fixture.publish("a", "1");
    pass(HistoryLimits.defaults().age().minus(TICK));
    assertThat(broker.channels()).isEqualTo(1);
    pass(TICK);
    assertThat(broker.channels()).isZero();
  }

  @Test
  void aLogWithAFollowerIsNotForgottenUntilItIsIdleAfterwards() {
    Tail tail = broker.follow("a", () -> {});
    fixture.publish("a", "1");
    pass(IDLE.plus(HistoryLimits.defaults().age()));
    assertThat(broker.channels()).isEqualTo(1);
    tail.close();
    pass(IDLE.minus(TICK));
    assertThat(broker.channels()).isEqualTo(1);
    pass(TICK);
    assertThat(broker.channels()).isZero();
  }

  @Test
  void aLogThatNothingWasPublishedToGoesSoonAfterItsLastFollower() {
    Tail tail = broker.follow("a", () -> {});
    pass(IDLE.multipliedBy(2));
    assertThat(broker.channels()).isEqualTo(1);
    tail.close();
    pass(Duration.ofSeconds(10).minus(TICK));
    assertThat(broker.channels()).isEqualTo(1);
    pass(TICK);
    assertThat(broker.channels()).isZero();
    assertThat(broker.usedBytes()).isZero();
  }

  @Test
  void aSecondCloseOfATailIsNotAskingForItsLog() {
    Tail tail = broker.follow("a", () -> {});
    tail.close();
    pass(Duration.ofSeconds(10).minus(TICK));
    tail.close();
    pass(TICK);
    assertThat(broker.channels()).isZero();
  }

  @Test
  void epochsDoNotRepeat() {
    Set<String> epochs = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      assertThat(epochs.add(fixture.publish("a", "1").epoch())).isTrue();
      pass(HistoryLimits.defaults().age().plus(IDLE));
    }
  }

  @Test
  void afterCloseAllCallsFail() {
    StreamPosition position = fixture.publish("a", "1");
    fixture.publish("a", "2", "key");
    Tail tail = broker.follow("a", () -> {});
    broker.close();
    broker.close();
    for (String channel : List.of("a", "new")) {
      assertThat(
              broker
                  .publish(channel, Payload.text("3"), Optional.of(IdempotencyKey.of("", "key")))
                  .toCompletableFuture())
          .failsWithin(Duration.ZERO)
          .withThrowableThat()
          .withCauseInstanceOf(BrokerUnavailableException.class)
          .withMessageContaining("closed");
      assertThat(
              broker
                  .history(channel, new Cursor.Earliest(), BrokerFixture.ALL)
                  .toCompletableFuture())
          .isCompletedExceptionally();
      assertThatExceptionOfType(BrokerUnavailableException.class)
          .isThrownBy(() -> broker.follow(channel, () -> {}));
    }
    List<Publication> into = new ArrayList<>();
    assertThat(tail.read(position, BrokerFixture.ALL, into)).isFalse();
    assertThat(into).isEmpty();
    assertThat(broker.usedBytes()).isZero();
    tail.close();
  }

  @Test
  @Timeout(30)
  void itsThreadLetsGoOfWhatIsTooOldUntilTheBrokerIsClosed() throws InterruptedException {
    Set<Thread> before = expiryThreads();
    MemoryBroker started =
        MemoryBroker.start(
            MemoryBroker.Config.defaults()
                .withHistory(new HistoryLimits(9, 99, TICK))
                .withIdle(TICK));
    Set<Thread> mine = expiryThreads();
    mine.removeAll(before);
    assertThat(mine).hasSize(1);
    Thread thread = mine.iterator().next();
    assertThat(thread.isDaemon()).isTrue();
    started.publish("a", Payload.text("1"), Optional.empty());
    while (started.usedBytes() > 0) {
      Thread.onSpinWait();
    }
    started.close();
    thread.join();
    assertThat(thread.isAlive()).isFalse();
  }

  private void pass(Duration time) {
    fixture.clock.advance(time);
    broker.expire();
  }

  private static Set<Thread> expiryThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().equals("halley-log-expiry"));
    return threads;
  }
}
