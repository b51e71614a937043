package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryBrokerTest {
  private final BrokerFixture fixture = new BrokerFixture(MemoryBroker.Config.defaults());
  private final MemoryBroker broker = fixture.broker;

  @Test
  void theFirstPublicationHasOffsetOneAndEachFurtherOneTheNext() {
    StreamPosition first = fixture.publish("a", "1");
    assertThat(first.offset()).isEqualTo(1);
    assertThat(fixture.publish("a", "2")).isEqualTo(first.next());
    assertThat(fixture.publish("a", "3")).isEqualTo(first.next().next());
  }

  @Test
  void aPublicationIsKeptWithItsPositionPayloadAndTime() {
    Payload payload = Payload.json("[1]");
    StreamPosition position =
        broker.publish("a", payload, Optional.empty()).toCompletableFuture().join();
    assertThat(fixture.history("a", new Cursor.Earliest()).publications())
        .containsExactly(new Publication(position, payload, fixture.clock.millis()));
  }

  @Test
  void eachChannelHasALogAndAnEpochOfItsOwn() {
    StreamPosition a = fixture.publish("a", "of a");
    StreamPosition b = fixture.publish("b", "of b");
    assertThat(a.sameEpoch(b)).isFalse();
    assertThat(b.offset()).isEqualTo(1);
    assertThat(fixture.kept("a")).containsExactly("of a");
    assertThat(fixture.kept("b")).containsExactly("of b");
  }

  @Test
  void anEpochIsThirteenOfLettersAndDigits() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(fixture.publish("channel" + i, "x").epoch()).matches("[a-z0-9]{13}");
    }
  }

  @Test
  void stagesAreCompleted() {
    CompletionStage<StreamPosition> published =
        broker.publish("a", Payload.text("1"), Optional.empty());
    assertThat(published.toCompletableFuture()).isCompleted();
    assertThat(broker.history("a", new Cursor.Latest(), BrokerFixture.ALL).toCompletableFuture())
        .isCompleted();
  }

  @Test
  void aReaderOfAnUnknownChannelIsAtTheBeginningOfItsLog() {
    Batch before = fixture.history("a", new Cursor.Latest());
    assertThat(before.gap()).isEmpty();
    assertThat(before.publications()).isEmpty();
    assertThat(before.position().offset()).isZero();
    StreamPosition first = fixture.publish("a", "1");
    assertThat(first).isEqualTo(before.position().next());
    Batch batch = fixture.history("a", new Cursor.After(before.position()));
    assertThat(batch.gap()).isEmpty();
    assertThat(BrokerFixture.texts(batch.publications())).containsExactly("1");
    assertThat(batch.position()).isEqualTo(first);
  }

  @Test
  void aPositionOfAnEarlierLifeIsAGapBeforeAllThatIsKept() {
    fixture.publish("a", "1");
    Batch batch = fixture.history("a", new Cursor.After(new StreamPosition("earlier", 7)));
    String epoch = batch.position().epoch();
    assertThat(batch.gap())
        .contains(new Gap(new StreamPosition("earlier", 8), new StreamPosition(epoch, 0)));
    assertThat(BrokerFixture.texts(batch.publications())).containsExactly("1");
  }

  @Test
  void historyIsReadInPieces() {
    for (int i = 1; i <= 7; i++) {
      fixture.publish("a", Integer.toString(i));
    }
    ReadLimit three = new ReadLimit(3, 1_000);
    List<String> pieces = new ArrayList<>();
    Cursor cursor = new Cursor.Earliest();
    for (int i = 0; i < 4; i++) {
      Batch batch = fixture.history("a", cursor, three);
      pieces.add(String.join("", BrokerFixture.texts(batch.publications())));
      cursor = new Cursor.After(batch.position());
    }
    assertThat(pieces).containsExactly("123", "456", "7", "");
  }

  @Test
  void aTailBeginsWhereTheLogStands() {
    StreamPosition first = fixture.publish("a", "1");
    try (Tail tail = broker.follow("a", () -> {})) {
      assertThat(tail.head()).isEqualTo(first);
      StreamPosition second = fixture.publish("a", "2");
      List<Publication> into = new ArrayList<>();
      assertThat(tail.read(first, BrokerFixture.ALL, into)).isTrue();
      assertThat(BrokerFixture.texts(into)).containsExactly("2");
      assertThat(tail.head()).isEqualTo(second);
    }
  }

  @Test
  void theTailOfAnUnknownChannelIsItsLogsBeginning() {
    try (Tail tail = broker.follow("a", () -> {})) {
      assertThat(tail.head().offset()).isZero();
      assertThat(fixture.publish("a", "1")).isEqualTo(tail.head());
    }
  }

  @Test
  void whoIsCalledCanReadWhatWasPublished() {
    List<StreamPosition> heads = new ArrayList<>();
    List<Tail> tails = new ArrayList<>();
    tails.add(broker.follow("a", () -> heads.add(tails.get(0).head())));
    StreamPosition first = fixture.publish("a", "1");
    StreamPosition second = fixture.publish("a", "2");
    assertThat(heads).containsExactly(first, second);
  }

  @Test
  void onlyFollowersOfTheChannelAreCalledAndEachOnce() {
    AtomicInteger one = new AtomicInteger();
    AtomicInteger other = new AtomicInteger();
    AtomicInteger elsewhere = new AtomicInteger();
    try (Tail a = broker.follow("a", one::incrementAndGet);
        Tail alsoA = broker.follow("a", other::incrementAndGet);
        Tail b = broker.follow("b", elsewhere::incrementAndGet)) {
      fixture.publish("a", "1");
      assertThat(b.head().offset()).isZero();
      assertThat(alsoA.head()).isEqualTo(a.head());
    }
    assertThat(one).hasValue(1);
    assertThat(other).hasValue(1);
    assertThat(elsewhere).hasValue(0);
  }

  @Test
  void aClosedTailIsNotCalledAndTheOthersAre() {
    AtomicInteger calls = new AtomicInteger();
    Runnable onGrow = calls::incrementAndGet;
    Tail first = broker.follow("a", onGrow);
    Tail second = broker.follow("a", onGrow);
    fixture.publish("a", "1");
    assertThat(calls).hasValue(2);
    first.close();
    first.close();
    fixture.publish("a", "2");
    assertThat(calls).hasValue(3);
    second.close();
    fixture.publish("a", "3");
    assertThat(calls).hasValue(3);
  }

  @Test
  void aFollowerThatThrowsHurtsNeitherThePublisherNorTheOthersAndIsLogged() {
    AtomicInteger calls = new AtomicInteger();
    RuntimeException bad = new IllegalStateException("a follower's own fault");
    Error worse = new AssertionError("a follower's own fault");
    try (LogRecords records = new LogRecords(ChannelLog.class);
        Tail first = broker.follow("a", () -> fail(bad));
        Tail second = broker.follow("a", () -> fail(worse));
        Tail third = broker.follow("a", calls::incrementAndGet)) {
      StreamPosition position = fixture.publish("a", "1");
      assertThat(calls).hasValue(1);
      assertThat(List.of(first.head(), second.head(), third.head())).containsOnly(position);
      assertThat(records.thrown()).containsExactly(bad, worse);
    }
  }

  private static <T extends Throwable> void fail(T throwable) throws T {
    throw throwable;
  }
}
