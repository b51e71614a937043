package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The log under test has had the offsets 1 to 9 and keeps 6 to 9. */
class ReadStartTest {
  private static final StreamPosition BEFORE_OLDEST = position("new:5");
  private static final StreamPosition HEAD = position("new:9");

  @Test
  void earliestBeginsWithTheOldestKeptAndIsNoGap() {
    assertThat(ReadStart.of(new Cursor.Earliest(), BEFORE_OLDEST, HEAD))
        .isEqualTo(new ReadStart(Optional.empty(), BEFORE_OLDEST));
  }

  @Test
  void latestBeginsAtTheHead() {
    assertThat(ReadStart.of(new Cursor.Latest(), BEFORE_OLDEST, HEAD))
        .isEqualTo(new ReadStart(Optional.empty(), HEAD));
  }

  @Test
  void whatFollowsAPositionIsKeptFromBeforeTheOldestToTheHead() {
    for (String reached : List.of("new:5", "new:6", "new:8", "new:9")) {
      assertThat(after(reached)).isEqualTo(new ReadStart(Optional.empty(), position(reached)));
    }
  }

  @Test
  void whatWasTrimmedIsAGapUpToTheLastLostOne() {
    assertThat(after("new:4")).isEqualTo(gap("new:5", "new:5"));
    assertThat(after("new:0")).isEqualTo(gap("new:1", "new:5"));
  }

  @Test
  void anotherEpochIsAGapWhateverTheOffset() {
    for (long offset : new long[] {0, 4, 5, 7, 9, 100}) {
      StreamPosition old = new StreamPosition("old", offset);
      assertThat(after(old.toString())).isEqualTo(gap(old.next().toString(), "new:5"));
    }
  }

  @Test
  void anOffsetThatWentBackIsAGapLikeAnotherEpoch() {
    assertThat(after("new:10")).isEqualTo(gap("new:11", "new:5"));
  }

  @Test
  void anEmptiedLogHasLostAllUpToItsHead() {
    assertThat(ReadStart.of(new Cursor.After(position("new:8")), HEAD, HEAD))
        .isEqualTo(gap("new:9", "new:9"));
    assertThat(ReadStart.of(new Cursor.After(HEAD), HEAD, HEAD))
        .isEqualTo(new ReadStart(Optional.empty(), HEAD));
  }

  @Test
  void aReadEndsWithItsLastPublicationOrElseWhereItBegan() {
    Publication sixth = new Publication(position("new:6"), Payload.text("6"), 0);
    Gap lost = new Gap(position("new:1"), BEFORE_OLDEST);
    assertThat(after("new:0").batch(List.of(sixth)))
        .isEqualTo(new Batch(Optional.of(lost), List.of(sixth), position("new:6")));
    assertThat(after("new:0").batch(List.of()))
        .isEqualTo(new Batch(Optional.of(lost), List.of(), BEFORE_OLDEST));
    assertThat(after("new:9").batch(List.of()))
        .isEqualTo(new Batch(Optional.empty(), List.of(), HEAD));
  }

  private static ReadStart after(String text) {
    return ReadStart.of(new Cursor.After(position(text)), BEFORE_OLDEST, HEAD);
  }

  private static ReadStart gap(String from, String to) {
    return new ReadStart(Optional.of(new Gap(position(from), position(to))), position(to));
  }

  private static StreamPosition position(String text) {
    return StreamPosition.parse(text);
  }
}
