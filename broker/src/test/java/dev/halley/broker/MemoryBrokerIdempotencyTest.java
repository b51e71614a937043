package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
      assertThat(fixture.publish("a", "another text", "key")).isEqualTo(first);
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
    assertThat(fixture.publish("a", "2", "key")).isEqualTo(first);
    fixture.clock.advance(Duration.ofMillis(1));
    assertThat(fixture.publish("a", "3", "key")).isEqualTo(first.next());
    fixture.clock.advance(MINUTE.minusMillis(1));
    assertThat(fixture.publish("a", "4", "key")).isEqualTo(first.next());
    assertThat(fixture.kept("a")).containsExactly("1", "3");
  }

  @Test
  void ofMoreKeysThanTheLimitTheOldestIsForgotten() {
    StreamPosition first = fixture.publish("a", "1", "key1");
    StreamPosition second = fixture.publish("a", "2", "key2");
    fixture.publish("a", "3", "key3");
    assertThat(fixture.publish("a", "x", "key1")).isEqualTo(first);
    fixture.publish("a", "4", "key4");
    assertThat(fixture.publish("a", "x", "key2")).isEqualTo(second);
    assertThat(fixture.publish("a", "5", "key1").offset()).isEqualTo(5);
    assertThat(fixture.kept("a")).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void keysAreChargedUntilTheyAreForgotten() {
    fixture.publish("a", "1", "key1");
    long one = fixture.broker.usedBytes();
    assertThat(one).isEqualTo(1 + ChannelLog.PUBLICATION_OVERHEAD + IdempotencyKeys.cost("key1"));
    fixture.publish("a", "x", "key1");
    assertThat(fixture.broker.usedBytes()).isEqualTo(one);
    for (int i = 2; i <= 9; i++) {
      fixture.publish("a", "1", "key" + i);
    }
    assertThat(fixture.broker.usedBytes())
        .isEqualTo(9 * (1 + ChannelLog.PUBLICATION_OVERHEAD) + 3 * IdempotencyKeys.cost("key1"));
    fixture.clock.advance(MINUTE);
    fixture.publish("a", "1", "key9");
    assertThat(fixture.broker.usedBytes())
        .as("one was forgotten for its new use, two are still to expire")
        .isEqualTo(10 * (1 + ChannelLog.PUBLICATION_OVERHEAD) + 3 * IdempotencyKeys.cost("key1"));
    fixture.broker.expire();
    assertThat(fixture.broker.usedBytes())
        .isEqualTo(10 * (1 + ChannelLog.PUBLICATION_OVERHEAD) + IdempotencyKeys.cost("key1"));
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
