package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryBrokerIdempotencyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final BrokerFixture fixture =
      new BrokerFixture(
          MemoryBroker.Config.defaults().withIdempotency(MINUTE, 3).withIdle(Duration.ofMillis(1)));

  @Test
  void aRetryBringsTheFirstPositionAndAppendsNothing() {
    AtomicInteger calls = new AtomicInteger();
    try (Tail tail = fixture.broker.follow("a", calls::incrementAndGet)) {
      StreamPosition first = fixture.publish("a", "1", "key");
      fixture.publish("a", "2");
      assertThat(fixture.publish("a", "1", "key")).isEqualTo(first);
      assertThat(fixture.kept("a")).containsExactly("1", "2");
      assertThat(tail.head()).isEqualTo(first.next());
    }
    assertThat(calls).hasValue(2);
  }

  @Test
  void aKeyIsOfOneChannel() {
    fixture.publish("a", "1", "key");
    fixture.publish("b", "2", "key");
    assertThat(fixture.kept("b")).containsExactly("2");
  }

  @Test
  void aKeyIsForgottenAfterTheWindowWhichARetryDoesNotMove() {
    StreamPosition first = fixture.publish("a", "1", "key");
    fixture.clock.advance(MINUTE.minusMillis(1));
    assertThat(fixture.publish("a", "1", "key")).isEqualTo(first);
    fixture.clock.advance(Duration.ofMillis(1));
    assertThat(fixture.publish("a", "2", "key")).isEqualTo(first.next());
    fixture.clock.advance(MINUTE.minusMillis(1));
    assertThat(fixture.publish("a", "2", "key")).isEqualTo(first.next());
    assertThat(fixture.kept("a")).containsExactly("1", "2");
  }

  @Test
  void ofMoreKeysThanTheLimitTheOldestIsForgotten() {
    StreamPosition first = fixture.publish("a", "1", "key1");
    StreamPosition second = fixture.publish("a", "2", "key2");
    fixture.publish("a", "3", "key3");
    assertThat(fixture.publish("a", "1", "key1")).isEqualTo(first);
    fixture.publish("a", "4", "key4");
    assertThat(fixture.publish("a", "2", "key2")).isEqualTo(second);
    assertThat(fixture.publish("a", "5", "key1").offset()).isEqualTo(5);
    assertThat(fixture.kept("a")).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void keysAreChargedUntilTheyAreForgotten() {
    long key = IdempotencyKeys.cost(IdempotencyKey.of("", "key1"));
    fixture.publish("a", "1", "key1");
    long one = fixture.broker.usedBytes();
    assertThat(one).isEqualTo(1 + BrokerFixture.cost("a", 1) + key);
    fixture.publish("a", "1", "key1");
    assertThat(fixture.broker.usedBytes()).isEqualTo(one);
    for (int i = 2; i <= 9; i++) {
      fixture.publish("a", "1", "key" + i);
    }
    assertThat(fixture.broker.usedBytes()).isEqualTo(9 + BrokerFixture.cost("a", 9) + 3 * key);
    fixture.clock.advance(MINUTE);
    fixture.publish("a", "1", "key9");
    assertThat(fixture.broker.usedBytes())
        .as("one was forgotten for its new use, two are still to expire")
        .isEqualTo(10 + BrokerFixture.cost("a", 10) + 3 * key);
    fixture.broker.expire();
    assertThat(fixture.broker.usedBytes()).isEqualTo(10 + BrokerFixture.cost("a", 10) + key);
  }

  @Test
  void aKeyIsForOnePayload() {
    StreamPosition first = fixture.publish("a", "1", "key");
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> fixture.publish("a", "2", "key"))
        .withCauseInstanceOf(IdempotencyConflictException.class);
    Payload binary = Payload.binary(new byte[] {'1'});
    assertThat(
            fixture
                .broker
                .publish("a", binary, Optional.of(IdempotencyKey.of("", "key")))
                .toCompletableFuture())
        .as("the same bytes, read otherwise")
        .isCompletedExceptionally();
    assertThat(fixture.kept("a")).containsExactly("1");
    assertThat(fixture.publish("a", "1", "key")).isEqualTo(first);
  }

  @Test
  void aRetryMayBePartOfAnotherTrace() {
    StreamPosition first = fixture.publish("a", "1", "key");
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Payload traced = Payload.text("1").tracedBy(TraceContext.parse(parent, Optional.empty()));
    assertThat(fixture.broker.publish("a", traced, Optional.of(IdempotencyKey.of("", "key"))))
        .isCompletedWithValue(first);
  }

  @Test
  void aKeyIsOfOneScope() {
    StreamPosition mine = fixture.publish("a", "1", IdempotencyKey.of("me", "key"));
    StreamPosition yours = fixture.publish("a", "2", IdempotencyKey.of("you", "key"));
    assertThat(fixture.kept("a")).containsExactly("1", "2");
    assertThat(fixture.publish("a", "1", IdempotencyKey.of("me", "key"))).isEqualTo(mine);
    assertThat(fixture.publish("a", "2", IdempotencyKey.of("you", "key"))).isEqualTo(yours);
  }

  @Test
  void noEntryOfABatchIsForgottenForTheOthers() {
    IdempotencyKey batch = IdempotencyKey.of("", "key");
    List<StreamPosition> first = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      first.add(fixture.publish("a", "x" + i, batch.ofEntry(i)));
    }
    for (int i = 0; i < 2_000; i++) {
      assertThat(fixture.publish("a", "x" + i, batch.ofEntry(i))).isEqualTo(first.get(i));
    }
    assertThat(fixture.broker.usedBytes())
        .isEqualTo(
            BrokerFixture.cost("a", 1_000)
                + keptBytes("a")
                + IdempotencyKeys.cost(batch)
                + 1_999L * IdempotencyKeys.ENTRY);
    fixture.clock.advance(MINUTE);
    fixture.broker.expire();
    assertThat(fixture.broker.usedBytes())
        .isEqualTo(BrokerFixture.cost("a", 1_000) + keptBytes("a"));
  }

  @Test
  void ofABatchThatIsRepeatedWhatIsMissingIsPublished() {
    IdempotencyKey batch = IdempotencyKey.of("", "key");
    for (int i : new int[] {0, 7, 3, 9}) {
      fixture.publish("a", "x" + i, batch.ofEntry(i));
    }
    for (int i = 0; i < 10; i++) {
      fixture.publish("a", "x" + i, batch.ofEntry(i));
    }
    assertThat(fixture.kept("a"))
        .containsExactly("x0", "x7", "x3", "x9", "x1", "x2", "x4", "x5", "x6", "x8");
  }

  @Test
  void anEntryOfABatchIsNoPublicationByItself() {
    fixture.publish("a", "1", IdempotencyKey.of("", "key").ofEntry(0));
    fixture.publish("a", "2", "key");
    fixture.publish("a", "3", "key#0");
    assertThat(fixture.kept("a")).containsExactly("1", "2", "3");
  }

  @Test
  void aStepOfTheWallClockNeitherEndsNorProlongsTheWindow() {
    StreamPosition first = fixture.publish("a", "1", "key");
    fixture.clock.set(Duration.ofHours(2));
    fixture.broker.expire();
    assertThat(fixture.publish("a", "1", "key")).isEqualTo(first);
    fixture.clock.set(Duration.ofHours(-4));
    fixture.clock.advance(MINUTE);
    fixture.broker.expire();
    assertThat(fixture.publish("a", "1", "key")).isEqualTo(first.next());
  }

  private int keptBytes(String channel) {
    return fixture.kept(channel).stream().mapToInt(String::length).sum();
  }

  @Test
  void aLogIsNotForgottenBeforeItsKeys() {
    BrokerFixture brief =
        new BrokerFixture(
            MemoryBroker.Config.defaults()
                .withHistory(new HistoryLimits(9, 99, Duration.ofMillis(1)))
                .withIdempotency(MINUTE, 3)
                .withIdle(Duration.ofMillis(1)));
    StreamPosition first = brief.publish("a", "1", "key");
    brief.clock.advance(MINUTE.minusMillis(1));
    brief.broker.expire();
    assertThat(brief.publish("a", "1", "key")).isEqualTo(first);
    brief.clock.advance(MINUTE);
    brief.broker.expire();
    assertThat(brief.broker.channels()).isZero();
    assertThat(brief.broker.usedBytes()).isZero();
  }
}
