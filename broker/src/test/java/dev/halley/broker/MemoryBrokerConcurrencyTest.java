package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must hold however the threads interleave. Each test runs until it has seen enough. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MemoryBrokerConcurrencyTest {
  private static final MemoryBroker.Config CONFIG = MemoryBroker.Config.defaults();
  private static final Duration TICK = Duration.ofMillis(1);
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
  private static final Duration HOUR = Duration.ofHours(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void aTailIsReadWithoutHolesOrNotAtAllWhileItIsTrimmedByCount() throws Exception {
    readWhilePublishing(new BrokerFixture(CONFIG.withHistory(new HistoryLimits(13, 1_000, HOUR))));
  }

  @Test
  void aTailIsReadWithoutHolesOrNotAtAllWhileItIsEmptiedByAge() throws Exception {
    readWhilePublishing(new BrokerFixture(CONFIG.withHistory(new HistoryLimits(200, 9_999, TICK))));
  }

  /** One publishes and one lets time pass, which also grows and shrinks the ring. */
  private void readWhilePublishing(BrokerFixture fixture) throws Exception {
    AtomicBoolean published = new AtomicBoolean();
    Tail tail = fixture.broker.follow("a", () -> {});
    List<TailReader> readers = new ArrayList<>();
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      TailReader reader = new TailReader(tail, tail.head());
      readers.add(reader);
      futures.add(threads.submit(() -> reader.readUntil(published)));
    }
    futures.add(threads.submit(() -> expireUntil(fixture, published)));
    int count = 0;
    while (count < 300_000 || !TailReader.haveSeenEnough(readers)) {
      count++;
      fixture.publish("a", Integer.toString(count));
      if (count > 300_000 && count % 3 == 0) {
        letOthersRun(futures);
      }
    }
    published.set(true);
    for (Future<?> future : futures) {
      future.get();
    }
    assertThat(tail.head().offset()).isEqualTo(count);
  }

  /** On a machine with one processor, readers may not have had a turn yet. */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void letOthersRun(List<Future<?>> futures) throws Exception {
    for (Future<?> future : futures) {
      if (future.isDone()) {
        future.get();
      }
    }
    Thread.yield();
  }

  /** Reads on from where it is, and goes to the head where that can't be reached. */
  private static final class TailReader {
    private final ReadLimit limit = new ReadLimit(7, 1_000);
    private final Tail tail;
    private final List<Publication> into = new ArrayList<>();
    private final AtomicInteger read = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private StreamPosition position;

    TailReader(Tail tail, StreamPosition position) {
      this.tail = tail;
      this.position = position;
    }

    static boolean haveSeenEnough(List<TailReader> readers) {
      int read = 0;
      int refused = 0;
      for (TailReader reader : readers) {
        read += reader.read.get();
        refused += reader.refused.get();
      }
      return read > 1_000 && refused > 10;
    }

    void readUntil(AtomicBoolean published) {
      boolean last;
      do {
        last = published.get();
        readOnce();
      } while (!last || !position.equals(tail.head()));
    }

    private void readOnce() {
      into.clear();
      StreamPosition head = tail.head();
      if (!tail.read(position, limit, into)) {
        assertThat(into).isEmpty();
        position = head;
        refused.incrementAndGet();
        return;
      }
      for (Publication publication : into) {
        StreamPosition next = publication.position();
        if (next.offset() != position.offset() + 1
            || !publication.payload().asText().equals(Long.toString(next.offset()))) {
          throw new AssertionError(publication + " after " + position);
        }
        position = next;
      }
      if (into.isEmpty() && head.offset() > position.offset()) {
        throw new AssertionError("Caught up at " + position + " while the head was " + head);
      }
      read.addAndGet(into.size());
    }
  }

  /** Many short lives, because what matters is the moment when a ring takes another array. */
  @Test
  void whatIsKeptIsNeverRefusedWhileTheRingGrows() throws Exception {
    int length = 17;
    PublicationRing[] rings = new PublicationRing[100_000];
    for (int i = 0; i < rings.length; i++) {
      rings[i] = new PublicationRing(new StreamPosition("a", 0));
    }
    AtomicInteger filled = new AtomicInteger();
    Callable<Integer> reader =
        () -> {
          int read = 0;
          int index = 0;
          while (index < rings.length) {
            read += readToTheEnd(rings[index], length);
            index = Math.max(index + 1, filled.get());
          }
          return read;
        };
    Future<Integer> one = threads.submit(reader);
    Future<Integer> other = threads.submit(reader);
    for (int i = 0; i < rings.length; i++) {
      filled.set(i);
      for (int n = 1; n <= length; n++) {
        rings[i].add(new Publication(new StreamPosition("a", n), Payload.text("x"), 0), 0);
      }
    }
    assertThat(one.get()).isPositive();
    assertThat(other.get()).isPositive();
  }

  private static int readToTheEnd(PublicationRing ring, int length) {
    List<Publication> into = new ArrayList<>();
    while (into.size() < length) {
      StreamPosition after =
          into.isEmpty() ? new StreamPosition("a", 0) : into.get(into.size() - 1).position();
      if (!ring.read(after, BrokerFixture.ALL, into)) {
        throw new AssertionError("What follows " + after + " was refused");
      }
    }
    return into.size();
  }

  /**
   * In each round a follower joins at another moment of the round's only publication. There are
   * fewer where each of the two waits for its turn on a processor.
   */
  @Test
  void whoJoinsDuringAPublishSeesItOrIsCalled() throws Exception {
    int rounds = 20_000;
    long end = System.nanoTime() + LONG_ENOUGH.toNanos();
    BrokerFixture fixture = new BrokerFixture(CONFIG);
    AtomicInteger round = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicBoolean ended = new AtomicBoolean();
    Future<?> publisher =
        threads.submit(
            () -> {
              for (int i = 1; i <= rounds; i++) {
                await(round, i);
                if (ended.get()) {
                  return;
                }
                fixture.publish("a", "x");
                done.set(i);
              }
            });
    for (int i = 1; i <= rounds && System.nanoTime() < end; i++) {
      AtomicInteger calls = new AtomicInteger();
      round.set(i);
      for (int spins = i % 64; spins > 0; spins--) {
        Thread.onSpinWait();
      }
      try (Tail tail = fixture.broker.follow("a", calls::incrementAndGet)) {
        long seen = tail.head().offset();
        await(done, i);
        assertThat(seen == i || calls.get() == 1).as("seen or called in round %s", i).isTrue();
      }
    }
    ended.set(true);
    round.set(rounds);
    publisher.get();
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private static void await(AtomicInteger counter, int value) {
    for (int spins = 0; counter.get() < value; spins++) {
      if (spins > 1_000) {
        Thread.yield();
      }
    }
  }

  @Test
  void publishersOfOneChannelGetAllOffsetsEachOnce() throws Exception {
    int each = 20_000;
    BrokerFixture fixture = new BrokerFixture(CONFIG);
    List<Future<List<Long>>> futures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      futures.add(threads.submit(() -> publishMany(fixture, each)));
    }
    Set<Long> all = new HashSet<>();
    for (Future<List<Long>> future : futures) {
      List<Long> offsets = future.get();
      assertThat(offsets).isSorted();
      all.addAll(offsets);
    }
    assertThat(all).hasSize(3 * each).contains(1L, 3L * each);
  }

  @Test
  void ofConcurrentDuplicatesOneIsPublished() throws Exception {
    BrokerFixture fixture = new BrokerFixture(CONFIG);
    int rounds = 2_000;
    CyclicBarrier together = new CyclicBarrier(3);
    Callable<List<StreamPosition>> publisher =
        () -> {
          List<StreamPosition> positions = new ArrayList<>();
          for (int i = 0; i < rounds; i++) {
            together.await();
            positions.add(fixture.publish("channel" + i % 7, "x", "key" + i));
          }
          return positions;
        };
    List<Future<List<StreamPosition>>> futures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      futures.add(threads.submit(publisher));
    }
    List<StreamPosition> positions = futures.get(0).get();
    assertThat(futures.get(1).get()).isEqualTo(positions);
    assertThat(futures.get(2).get()).isEqualTo(positions);
    assertThat(new HashSet<>(positions)).hasSize(rounds);
  }

  /**
   * What is appended to a log that was forgotten can't be read or expired any more: its bytes would
   * stay charged for ever.
   */
  @Test
  void nothingIsPublishedToAForgottenLog() throws Exception {
    BrokerFixture fixture = forgetful();
    AtomicBoolean published = new AtomicBoolean();
    AtomicInteger lives = new AtomicInteger();
    Callable<Integer> publisher =
        () -> {
          int count = 0;
          while (count < 100_000 || lives.get() < 100) {
            if (fixture.publish("a", "x").offset() == 1) {
              lives.incrementAndGet();
            }
            count++;
          }
          return count;
        };
    Future<?> expiry = threads.submit(() -> expireUntil(fixture, published));
    List<Future<Integer>> publishers =
        List.of(threads.submit(publisher), threads.submit(publisher));
    for (Future<Integer> future : publishers) {
      assertThat(future.get()).isGreaterThanOrEqualTo(100_000);
    }
    published.set(true);
    expiry.get();
    fixture.clock.advance(HOUR);
    fixture.broker.expire();
    assertThat(fixture.broker.channels()).isZero();
    assertThat(fixture.broker.usedBytes()).isZero();
  }

  @Test
  void aFollowersLogIsTheOneThatIsPublishedTo() throws Exception {
    BrokerFixture fixture = forgetful();
    AtomicBoolean done = new AtomicBoolean();
    Future<?> expiry = threads.submit(() -> expireUntil(fixture, done));
    Callable<Integer> follower =
        () -> {
          Set<String> epochs = new HashSet<>();
          int count = 0;
          while (count < 30_000 || epochs.size() < 100) {
            try (Tail tail = fixture.broker.follow("a", () -> {})) {
              StreamPosition published = fixture.publish("a", "x");
              assertThat(tail.head()).isEqualTo(published);
              epochs.add(published.epoch());
            }
            count++;
          }
          return count;
        };
    assertThat(threads.submit(follower).get()).isGreaterThanOrEqualTo(30_000);
    done.set(true);
    expiry.get();
  }

  @Test
  void theTotalIsNeverCrossedAndAlwaysWhatIsKept() throws Exception {
    long logs = 4 * ChannelLog.cost("channel0");
    long total = logs + 20 * (ChannelLog.PUBLICATION_OVERHEAD + 10);
    BrokerFixture fixture = new BrokerFixture(CONFIG.withTotalBytes(total));
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String channel = "channel" + i;
      futures.add(threads.submit(() -> publishWhatFits(fixture, channel, total)));
    }
    for (Future<?> future : futures) {
      future.get();
    }
    long kept = fixture.broker.channels() * ChannelLog.cost("channel0");
    for (int i = 0; i < 4; i++) {
      for (String text : fixture.kept("channel" + i)) {
        kept += ChannelLog.PUBLICATION_OVERHEAD + text.length();
      }
    }
    assertThat(fixture.broker.usedBytes()).isEqualTo(kept);
  }

  private static void publishWhatFits(BrokerFixture fixture, String channel, long total) {
    for (int i = 0; i < 50_000; i++) {
      Payload payload = Payload.text("x".repeat(i % 97));
      fixture.broker.publish(channel, payload, Optional.empty());
      if (fixture.broker.usedBytes() > total) {
        throw new AssertionError("More than the total is used");
      }
    }
  }

  @Test
  void aPublishThatMeetsACloseFailsOrIsLetGoOf() throws Exception {
    for (int i = 0; i < 200; i++) {
      BrokerFixture fixture = new BrokerFixture(CONFIG);
      CyclicBarrier together = new CyclicBarrier(2);
      Future<?> publisher =
          threads.submit(
              () -> {
                together.await();
                for (int n = 0; true; n++) {
                  fixture.publish("channel" + n, "x");
                }
              });
      together.await();
      fixture.broker.close();
      assertThat(publisher)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableOfType(ExecutionException.class)
          .havingRootCause()
          .isInstanceOf(BrokerUnavailableException.class);
      assertThat(fixture.broker.usedBytes()).isZero();
      assertThat(fixture.broker.channels()).isZero();
    }
  }

  private static BrokerFixture forgetful() {
    return new BrokerFixture(
        CONFIG.withHistory(new HistoryLimits(100, 1_000, TICK)).withIdle(TICK));
  }

  private static void expireUntil(BrokerFixture fixture, AtomicBoolean done) {
    while (!done.get()) {
      fixture.clock.advance(TICK);
      fixture.broker.expire();
    }
  }

  private static List<Long> publishMany(BrokerFixture fixture, int count) {
    List<Long> offsets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      offsets.add(fixture.publish("a", "x").offset());
    }
    return offsets;
  }
}
