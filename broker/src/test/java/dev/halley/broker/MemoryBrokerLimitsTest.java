package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class MemoryBrokerLimitsTest {
  private static final MemoryBroker.Config CONFIG = MemoryBroker.Config.defaults();
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int OVERHEAD = ChannelLog.PUBLICATION_OVERHEAD;
  private static final long LOG = ChannelLog.cost("a");

  @Test
  void noMorePublicationsAreKeptThanTheLimitSays() {
    BrokerFixture fixture =
        new BrokerFixture(CONFIG.withHistory(new HistoryLimits(3, 1_000, HOUR)));
    StreamPosition first = fixture.publish("a", "1");
    for (int i = 2; i <= 5; i++) {
      fixture.publish("a", Integer.toString(i));
    }
    assertThat(fixture.kept("a")).containsExactly("3", "4", "5");
    Batch batch = fixture.history("a", new Cursor.After(first));
    String epoch = first.epoch();
    assertThat(batch.gap())
        .contains(new Gap(new StreamPosition(epoch, 2), new StreamPosition(epoch, 2)));
    assertThat(BrokerFixture.texts(batch.publications())).containsExactly("3", "4", "5");
  }

  @Test
  void noMoreBytesAreKeptThanTheLimitSays() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withHistory(new HistoryLimits(100, 10, HOUR)));
    fixture.publish("a", "1234");
    fixture.publish("a", "567");
    fixture.publish("a", "890");
    assertThat(fixture.kept("a")).containsExactly("1234", "567", "890");
    fixture.publish("a", "x");
    assertThat(fixture.kept("a")).containsExactly("567", "890", "x");
    fixture.publish("a", "123456789");
    assertThat(fixture.kept("a")).containsExactly("x", "123456789");
  }

  @Test
  void theNewestPublicationIsKeptWhateverItsSize() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withHistory(new HistoryLimits(100, 3, HOUR)));
    fixture.publish("a", "1");
    fixture.publish("a", "longer than three");
    assertThat(fixture.kept("a")).containsExactly("longer than three");
    fixture.publish("a", "2");
    assertThat(fixture.kept("a")).containsExactly("2");
  }

  @Test
  void ageTrimsTheOldestAndMayEmptyALog() {
    BrokerFixture fixture =
        new BrokerFixture(
            CONFIG.withHistory(new HistoryLimits(9, 99, HOUR)).withIdle(HOUR.plusMillis(1)));
    fixture.publish("a", "1");
    fixture.clock.advance(Duration.ofMinutes(30));
    StreamPosition second = fixture.publish("a", "2");
    fixture.clock.advance(Duration.ofMinutes(30).minusMillis(1));
    fixture.broker.expire();
    assertThat(fixture.kept("a")).containsExactly("1", "2");
    fixture.clock.advance(Duration.ofMillis(1));
    fixture.broker.expire();
    assertThat(fixture.kept("a")).containsExactly("2");
    fixture.clock.advance(HOUR);
    fixture.broker.expire();
    Batch batch = fixture.history("a", new Cursor.Earliest());
    assertThat(batch.publications()).isEmpty();
    assertThat(batch.position()).isEqualTo(second);
    assertThat(fixture.publish("a", "3")).isEqualTo(second.next());
  }

  @Test
  void eachChannelMayHaveLimitsOfItsOwnWithinTheSameTotal() {
    List<String> asked = new ArrayList<>();
    BrokerFixture fixture =
        new BrokerFixture(
            CONFIG.withTotalBytes(ChannelLog.cost("long") + 4 * (OVERHEAD + 1)),
            channel -> {
              asked.add(channel);
              return new HistoryLimits(channel.equals("long") ? 100 : 2, 100, HOUR);
            });
    for (int i = 1; i <= 9; i++) {
      fixture.publish("long", Integer.toString(i));
    }
    assertThat(fixture.kept("long")).as("the total").containsExactly("6", "7", "8", "9");
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> fixture.publish("short", "1"))
        .withMessageContaining("total-bytes");
    assertThat(asked).as("once for each log").containsExactly("long", "short");
  }

  @Test
  void aChannelKeepsNoMoreThanItsOwnLimits() {
    BrokerFixture fixture =
        new BrokerFixture(
            CONFIG, channel -> new HistoryLimits(channel.equals("short") ? 1 : 3, 100, HOUR));
    for (int i = 1; i <= 4; i++) {
      fixture.publish("short", Integer.toString(i));
      fixture.publish("long", Integer.toString(i));
    }
    assertThat(fixture.kept("short")).containsExactly("4");
    assertThat(fixture.kept("long")).containsExactly("2", "3", "4");
  }

  @Test
  void whatIsUsedIsPayloadsAndAFixedOverhead() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withHistory(new HistoryLimits(2, 99, HOUR)));
    fixture.publish("a", "1");
    fixture.publish("b", "22");
    assertThat(fixture.broker.usedBytes()).isEqualTo(2 * LOG + 3 + 2 * OVERHEAD);
    fixture.publish("a", "333");
    fixture.publish("a", "4444");
    assertThat(fixture.broker.usedBytes()).isEqualTo(2 * LOG + 2 + 3 + 4 + 3 * OVERHEAD);
    fixture.clock.advance(HOUR);
    fixture.broker.expire();
    assertThat(fixture.broker.usedBytes()).isZero();
    assertThat(fixture.broker.channels()).isZero();
  }

  @Test
  void atTheTotalAnAppendDropsTheOldestOfItsOwnLog() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(2 * LOG + 3 * (OVERHEAD + 10)));
    fixture.publish("a", "aaaaaaaaaa");
    fixture.publish("b", "1111111111");
    fixture.publish("b", "2222222222");
    fixture.publish("b", "3333333333");
    assertThat(fixture.kept("a")).containsExactly("aaaaaaaaaa");
    assertThat(fixture.kept("b")).containsExactly("2222222222", "3333333333");
    fixture.publish("b", "two of them!");
    assertThat(fixture.kept("b")).containsExactly("two of them!");
    assertThat(fixture.kept("a")).containsExactly("aaaaaaaaaa");
  }

  @Test
  void whatDoesNotFitIntoTheTotalChangesNothing() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(2 * LOG + 2 * (OVERHEAD + 10)));
    fixture.publish("a", "aaaaaaaaaa");
    StreamPosition last = fixture.publish("b", "1111111111");
    long used = fixture.broker.usedBytes();
    assertUnavailable(fixture, "b", "11 are a lot", "total-bytes");
    assertUnavailable(fixture, "c", "", "total-bytes");
    assertThat(fixture.kept("b")).containsExactly("1111111111");
    assertThat(fixture.broker.usedBytes()).isEqualTo(used);
    assertThat(fixture.publish("b", "2222222222")).isEqualTo(last.next());
  }

  @Test
  void whatDidNotFitIsNotRememberedByItsKey() {
    BrokerFixture fixture =
        new BrokerFixture(
            CONFIG
                .withTotalBytes(2 * LOG + OVERHEAD + 1_000)
                .withHistory(new HistoryLimits(1, 9_999, HOUR)));
    StreamPosition big = fixture.publish("a", "x".repeat(1_000));
    assertThat(
            fixture
                .broker
                .publish("b", Payload.text("y"), Optional.of(IdempotencyKey.of("", "key")))
                .toCompletableFuture())
        .isCompletedExceptionally();
    fixture.publish("a", "small");
    assertThat(fixture.publish("b", "y", "key").offset()).isEqualTo(1);
    assertThat(fixture.kept("b")).containsExactly("y");
    assertThat(big.offset()).isEqualTo(1);
  }

  @Test
  void oneMoreChannelThanTheLimitIsRefused() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withChannels(2));
    fixture.publish("a", "1");
    try (Tail tail = fixture.broker.follow("b", () -> {})) {
      assertUnavailable(fixture, "c", "1", "channels");
      assertThatExceptionOfType(BrokerUnavailableException.class)
          .isThrownBy(() -> fixture.broker.follow("c", () -> {}))
          .withMessageContaining("channels");
      assertThat(fixture.publish("b", "1")).isEqualTo(tail.head());
    }
    assertThat(fixture.history("c", new Cursor.Earliest()).publications())
        .as("to read needs no place")
        .isEmpty();
  }

  @Test
  void whoeverFollowsWhatIsntPublishedLeavesHalfOfThePlaces() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withChannels(4));
    fixture.broker.follow("x1", () -> {});
    fixture.broker.follow("x2", () -> {});
    assertThatExceptionOfType(BrokerUnavailableException.class)
        .isThrownBy(() -> fixture.broker.follow("x3", () -> {}))
        .withMessageContaining("channels");
    fixture.publish("a", "1");
    fixture.publish("b", "1");
    assertUnavailable(fixture, "c", "1", "channels");
    fixture.publish("x1", "1");
    assertThat(fixture.broker.channels()).isEqualTo(4);
  }

  @Test
  void aLogThatNobodyFollowsAnyMoreAndNothingWasPublishedToMakesRoomFirst() {
    BrokerFixture fixture =
        new BrokerFixture(
            CONFIG.withChannels(3).withHistory(new HistoryLimits(9, 99, Duration.ofMillis(1))));
    StreamPosition empty = fixture.publish("empty", "1");
    fixture.clock.advance(Duration.ofMillis(1));
    fixture.broker.expire();
    fixture.publish("a", "1");
    for (int i = 0; i < 10; i++) {
      fixture.broker.follow("x" + i, () -> {}).close();
    }
    assertThat(fixture.publish("b", "1").offset()).isEqualTo(1);
    assertThat(fixture.history("empty", new Cursor.After(empty)).gap()).isEmpty();
    assertThat(fixture.publish("c", "1").offset()).as("an empty one comes next").isEqualTo(1);
    assertThat(fixture.history("empty", new Cursor.After(empty)).gap()).isPresent();
    assertThat(fixture.kept("a")).containsExactly("1");
    assertUnavailable(fixture, "d", "1", "channels");
  }

  @Test
  void aLogThatIsNeededAgainMakesNoRoom() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withChannels(2));
    fixture.broker.follow("x", () -> {}).close();
    fixture.publish("a", "1");
    try (Tail tail = fixture.broker.follow("x", () -> {})) {
      assertUnavailable(fixture, "b", "1", "channels");
      assertThat(fixture.publish("x", "1")).isEqualTo(tail.head());
    }
    assertUnavailable(fixture, "b", "1", "channels");
  }

  @Test
  void whatWasRefusedLeavesNoLog() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(LOG + OVERHEAD + 10));
    for (int i = 0; i < 10; i++) {
      assertUnavailable(fixture, "x" + i, "these are too many bytes", "total-bytes");
    }
    assertThat(fixture.broker.channels()).isZero();
    assertThat(fixture.broker.usedBytes()).isZero();
  }

  @Test
  void logsThatNobodyNeedsMakeRoomForPublicationsBeforeAnyIsLost() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(8 * LOG));
    fixture.publish("a", "1");
    for (int i = 0; i < 20; i++) {
      fixture.broker.follow(Integer.toString(i), () -> {}).close();
    }
    fixture.publish("a", "x".repeat(2 * (int) LOG));
    assertThat(fixture.kept("a")).hasSize(2);
    for (int i = 0; i < 20; i++) {
      fixture.broker.follow(Integer.toString(i), () -> {}).close();
    }
    fixture.publish("b", "x".repeat(2 * (int) LOG));
    assertThat(fixture.kept("a")).hasSize(2);
    assertThat(fixture.kept("b")).hasSize(1);
  }

  @Test
  void aLogIsChargedAndTheLeastNeededMakeRoomForIt() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(3 * LOG));
    for (int i = 0; i < 10; i++) {
      fixture.broker.follow(Integer.toString(i), () -> {}).close();
    }
    assertThat(fixture.broker.channels()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      fixture.broker.follow(Integer.toString(i), () -> {});
    }
    assertThatExceptionOfType(BrokerUnavailableException.class)
        .isThrownBy(() -> fixture.broker.follow("3", () -> {}))
        .withMessageContaining("total-bytes");
  }

  @Test
  void membersAreCharged() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(20 * LOG));
    Presence presence = fixture.broker.presence().orElseThrow();
    int listed = 0;
    while (presence.renew("a", "user" + listed, "holder", HOUR).toCompletableFuture().join()) {
      listed++;
    }
    assertThat(listed).isBetween(5, 30);
    assertThat(fixture.broker.usedBytes()).isLessThanOrEqualTo(20 * LOG);
    for (int i = 0; i < listed; i++) {
      presence.release("a", "user" + i, "holder", Duration.ZERO);
    }
    fixture.clock.advance(HOUR.multipliedBy(2));
    fixture.broker.expire();
    assertThat(fixture.broker.usedBytes()).isZero();
  }

  @Test
  void aStepOfTheWallClockTrimsNothing() {
    BrokerFixture fixture = new BrokerFixture(CONFIG.withHistory(new HistoryLimits(9, 99, HOUR)));
    fixture.publish("a", "1");
    fixture.clock.set(Duration.ofHours(2));
    fixture.broker.expire();
    fixture.publish("a", "2");
    assertThat(fixture.kept("a")).containsExactly("1", "2");
    fixture.clock.set(Duration.ofHours(-4));
    fixture.clock.advance(HOUR);
    fixture.broker.expire();
    assertThat(fixture.kept("a")).isEmpty();
  }

  private static void assertUnavailable(
      BrokerFixture fixture, String channel, String text, String limit) {
    assertThat(
            fixture
                .broker
                .publish(channel, Payload.text(text), Optional.empty())
                .toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(BrokerUnavailableException.class)
        .withMessageContaining(limit);
  }

  @Test
  void whatDoesNotFitIsCounted() {
    BrokerFixture fixture =
        new BrokerFixture(
            CONFIG
                .withChannels(1)
                .withTotalBytes(LOG + OVERHEAD + 2_000)
                .withIdempotency(Duration.ofMinutes(1), 1));
    fixture.publish("a", "1", "key");
    fixture.publish("a", "2", "another");
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> fixture.publish("b", "no place for its channel"));
    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(() -> fixture.publish("a", "x".repeat(3_000)));
    }
    BrokerUsage usage = fixture.broker.usage().orElseThrow();
    assertThat(usage.forgottenKeys()).isEqualTo(1);
    assertThat(usage.refusedChannels()).isEqualTo(1);
    assertThat(usage.refusedPublications()).isEqualTo(2);
  }
}
