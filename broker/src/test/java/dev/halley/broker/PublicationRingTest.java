package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PublicationRingTest {
  private static final ReadLimit ALL = new ReadLimit(Integer.MAX_VALUE, Integer.MAX_VALUE);

  private final PublicationRing ring = new PublicationRing(at(0));

  @Test
  void aNewRingIsAtItsHeadAndHoldsNoArray() {
    assertThat(ring.head()).isEqualTo(at(0));
    assertThat(ring.beforeOldest()).isEqualTo(at(0));
    assertThat(ring.capacity()).isZero();
    assertThat(read(0)).isEmpty();
    assertUnreachable(at(1));
  }

  @Test
  void whatFollowsIsReadInOrder() {
    add(20);
    assertThat(ring.head()).isEqualTo(at(20));
    for (long after = 0; after <= 20; after++) {
      assertThat(read(after)).containsExactlyElementsOf(offsets(after + 1, 20));
    }
  }

  @Test
  void beyondTheHeadAndInAnotherEpochNothingIsReachable() {
    add(3);
    assertUnreachable(at(4));
    assertUnreachable(new StreamPosition("b", 3));
    assertUnreachable(new StreamPosition("b", 1));
  }

  @Test
  void whatWasTrimmedIsNotReachable() {
    add(10);
    ring.dropOldest(4);
    assertThat(ring.beforeOldest()).isEqualTo(at(4));
    assertUnreachable(at(3));
    assertThat(read(4)).containsExactlyElementsOf(offsets(5, 10));
    assertThat(ring.get(0).position()).isEqualTo(at(5));
    assertThat(ring.timeMillis(0)).as("as it was added").isEqualTo(4);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> ring.get(6));
  }

  @Test
  void slotsAreUsedAgainWhenTheyAreFree() {
    add(5);
    for (int i = 0; i < 100; i++) {
      ring.dropOldest(1);
      add(1);
    }
    assertThat(ring.capacity()).isEqualTo(8);
    assertThat(read(100)).containsExactlyElementsOf(offsets(101, 105));
    assertUnreachable(at(99));
  }

  @Test
  void itGrowsWhereverTheOldestStands() {
    add(6);
    ring.dropOldest(5);
    add(40);
    assertThat(ring.capacity()).isEqualTo(64);
    assertThat(read(5)).containsExactlyElementsOf(offsets(6, 46));
    assertUnreachable(at(4));
  }

  @Test
  void mostlyUnusedItShrinksAndKeepsWhatItHas() {
    add(64);
    ring.dropOldest(47);
    ring.compact();
    assertThat(ring.capacity()).as("a quarter is used").isEqualTo(64);
    ring.dropOldest(1);
    ring.compact();
    assertThat(ring.capacity()).isEqualTo(16);
    assertThat(read(48)).containsExactlyElementsOf(offsets(49, 64));
    assertUnreachable(at(47));
  }

  @Test
  void emptiedItLetsGoOfItsArrayAndKeepsItsHead() {
    add(20);
    ring.dropOldest(20);
    assertThat(ring.head()).isEqualTo(at(20));
    assertThat(ring.beforeOldest()).isEqualTo(at(20));
    ring.compact();
    assertThat(ring.capacity()).isZero();
    assertThat(read(20)).isEmpty();
    assertUnreachable(at(19));
    add(1);
    assertThat(read(20)).containsExactly(21L);
  }

  @Test
  void aReadEndsAtItsLimitOfPublications() {
    add(10);
    assertThat(read(3, new ReadLimit(4, Integer.MAX_VALUE))).containsExactly(4L, 5L, 6L, 7L);
  }

  @Test
  void aReadEndsWhenItsLimitOfBytesIsReached() {
    add(10);
    int size = ring.get(0).payload().size();
    assertThat(read(3, new ReadLimit(9, 2 * size))).containsExactly(4L, 5L);
    assertThat(read(3, new ReadLimit(9, 2 * size + 1))).containsExactly(4L, 5L, 6L);
    assertThat(read(3, new ReadLimit(9, 1))).as("progress").containsExactly(4L);
  }

  @Test
  void offsetsBeyondTheRangeOfIntAreRead() {
    long far = (1L << 40) - 3;
    PublicationRing old = new PublicationRing(at(far));
    for (int i = 1; i <= 20; i++) {
      old.add(publication(far + i), i);
    }
    List<Publication> into = new ArrayList<>();
    assertThat(old.read(at(far + 1), ALL, into)).isTrue();
    assertThat(offsets(into)).containsExactlyElementsOf(offsets(far + 2, far + 20));
  }

  @Test
  void aReadAllocatesNothing() {
    add(1_000);
    StreamPosition after = at(0);
    ReadLimit limit = new ReadLimit(1_000, Integer.MAX_VALUE);
    List<Publication> into = new ArrayList<>(1_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1_000; i++) {
        into.clear();
        ring.read(after, limit, into);
        ring.read(ring.head(), limit, into);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(into).hasSize(1_000);
    assertThat(least).as("bytes allocated by 2,000 reads").isZero();
  }

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      ring.add(publication(ring.head().offset() + 1), ring.head().offset());
    }
  }

  private List<Long> read(long after) {
    return read(after, ALL);
  }

  private List<Long> read(long after, ReadLimit limit) {
    List<Publication> into = new ArrayList<>();
    assertThat(ring.read(at(after), limit, into)).isTrue();
    return offsets(into);
  }

  private void assertUnreachable(StreamPosition after) {
    List<Publication> into = new ArrayList<>();
    assertThat(ring.read(after, ALL, into)).isFalse();
    assertThat(into).isEmpty();
  }

  private static List<Long> offsets(List<Publication> publications) {
    List<Long> offsets = new ArrayList<>();
    for (Publication publication : publications) {
      offsets.add(publication.position().offset());
    }
    return offsets;
  }

  private static List<Long> offsets(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private static Publication publication(long offset) {
    return new Publication(at(offset), Payload.text("four"), 0);
  }

  private static StreamPosition at(long offset) {
    return new StreamPosition("a", offset);
  }
}
