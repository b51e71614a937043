package dev.halley.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Batch;
import dev.halley.broker.Cursor;
import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Polls of logs that are only counted: every publication of a channel has the same size. */
class PollShareTest {
  private static final String EPOCH = "e";
  private static final int ENOUGH_BYTES = 1 << 20;

  /** A channel's log of so many publications. */
  private record Log(long publications, int size) {
    Batch read(Cursor cursor, ReadLimit limit) {
      StreamPosition after = ((Cursor.After) cursor).position();
      List<Publication> found = new ArrayList<>();
      long bytes = 0;
      for (long offset = after.offset() + 1;
          offset <= publications && found.size() < limit.publications() && bytes < limit.bytes();
          offset++) {
        found.add(publication(offset, size));
        bytes += size;
      }
      StreamPosition end = found.isEmpty() ? after : found.getLast().position();
      return new Batch(Optional.empty(), found, end);
    }
  }

  private static Publication publication(long offset, int size) {
    return new Publication(new StreamPosition(EPOCH, offset), Payload.text("x".repeat(size)), 0);
  }

  private static List<Cursor> begin(int channels) {
    List<Cursor> cursors = new ArrayList<>();
    for (int i = 0; i < channels; i++) {
      cursors.add(new Cursor.After(new StreamPosition(EPOCH, 0)));
    }
    return cursors;
  }

  /** One poll; the cursors are where the next one begins. */
  private static List<Batch> poll(List<Log> logs, List<Cursor> cursors, int most, int bytes) {
    PollShare share = new PollShare(cursors, most, bytes);
    for (int i = share.next(); i >= 0; i = share.next()) {
      share.add(logs.get(i).read(share.cursor(), share.limit()));
    }
    List<Batch> batches = share.batches();
    for (int i = 0; i < batches.size(); i++) {
      cursors.set(i, new Cursor.After(batches.get(i).position()));
    }
    return batches;
  }

  private static int count(List<Batch> batches) {
    return batches.stream().mapToInt(it -> it.publications().size()).sum();
  }

  @Test
  void eachChannelHasItsPartAndTheRestIsForThoseWithMore() {
    List<Log> logs = List.of(new Log(1_000, 1), new Log(3, 1), new Log(1_000, 1), new Log(0, 1));
    List<Batch> batches = poll(logs, begin(4), 100, ENOUGH_BYTES);
    assertThat(count(batches)).isEqualTo(100);
    assertThat(batches.get(0).publications()).hasSizeGreaterThanOrEqualTo(25);
    assertThat(batches.get(1).publications()).hasSize(3);
    assertThat(batches.get(2).publications()).hasSizeGreaterThanOrEqualTo(25);
    assertThat(batches.get(3).publications()).isEmpty();
  }

  @Test
  void oneBusyChannelAmongManyHasTheWholeAnswer() {
    List<Log> logs = new ArrayList<>(List.of(new Log(1_000, 1)));
    for (int i = 1; i < 128; i++) {
      logs.add(new Log(0, 1));
    }
    assertThat(count(poll(logs, begin(128), 1_000, ENOUGH_BYTES))).isEqualTo(1_000);
  }

  /** Each log is as busy as can be but the last, which has one publication. */
  @Test
  void aQuietChannelIsPassedByHoweverSmallTheAnswerIs() {
    for (int channels = 2; channels <= 128; channels++) {
      for (int most : new int[] {1, 2, 3, channels / 2, channels - 1}) {
        List<Log> logs = new ArrayList<>();
        for (int i = 0; i < channels - 1; i++) {
          logs.add(new Log(Integer.MAX_VALUE, 1));
        }
        logs.add(new Log(1, 1));
        List<Cursor> cursors = begin(channels);
        int polls = 1;
        while (poll(logs, cursors, Math.max(most, 1), ENOUGH_BYTES)
            .getLast()
            .publications()
            .isEmpty()) {
          assertThat(++polls).as("%d channels, %d", channels, most).isLessThan(4 * channels);
        }
      }
    }
  }

  @Test
  void aLargePublicationIsPassedByAmongSmallOnes() {
    for (int small = 1; small <= 60; small++) {
      List<Log> logs = List.of(new Log(Integer.MAX_VALUE, small), new Log(1, 90));
      List<Cursor> cursors = begin(2);
      int polls = 1;
      while (poll(logs, cursors, 1_000, 100).get(1).publications().isEmpty()) {
        assertThat(++polls).as("of %d bytes", small).isLessThan(20);
      }
    }
  }

  @Test
  void noAnswerHasMoreThanItMayAndNoneOfThemLosesOrRepeatsAnything() {
    Random random = new Random(42);
    for (int run = 0; run < 300; run++) {
      int channels = 1 + random.nextInt(9);
      int most = 1 + random.nextInt(20);
      int bytes = 1 + random.nextInt(200);
      List<Log> logs = new ArrayList<>();
      List<List<Long>> seen = new ArrayList<>();
      for (int i = 0; i < channels; i++) {
        logs.add(new Log(random.nextInt(40), 1 + random.nextInt(50)));
        seen.add(new ArrayList<>());
      }
      List<Cursor> cursors = begin(channels);
      int count;
      do {
        List<Batch> batches = poll(logs, cursors, most, bytes);
        count = count(batches);
        assertThat(count).isLessThanOrEqualTo(most);
        int size = 0;
        int largest = 0;
        for (int i = 0; i < channels; i++) {
          for (Publication publication : batches.get(i).publications()) {
            seen.get(i).add(publication.position().offset());
            size += publication.payload().size();
            largest = Math.max(largest, publication.payload().size());
          }
        }
        assertThat(size).isLessThan(bytes + largest);
      } while (count > 0);
      for (int i = 0; i < channels; i++) {
        assertThat(seen.get(i)).hasSize((int) logs.get(i).publications()).isSorted();
      }
    }
  }

  @Test
  void theSamePollGetsTheSame() {
    List<Log> logs = List.of(new Log(9, 1), new Log(9, 1), new Log(9, 1));
    List<Cursor> cursors = begin(3);
    poll(logs, cursors, 2, ENOUGH_BYTES);
    assertThat(poll(logs, new ArrayList<>(cursors), 2, ENOUGH_BYTES))
        .isEqualTo(poll(logs, new ArrayList<>(cursors), 2, ENOUGH_BYTES));
  }
}
