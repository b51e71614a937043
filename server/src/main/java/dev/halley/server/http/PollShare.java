package dev.halley.server.http;

import dev.halley.broker.Batch;
import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the channels of one poll share what an answer may have, so that a busy one doesn't keep the
 * others from being read. Each has an equal part of what is left; what some don't need, those that
 * have more get in a second round. Where there are more channels than publications in an answer,
 * another one begins each time: which one, the cursors decide, so that a poll that is repeated gets
 * the same, and one that goes on passes by all of them.
 */
final class PollShare {
  /** The golden ratio: multiples of it come near each place about equally often. */
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private static final int ROUNDS = 2;

  private final List<Cursor> cursors;
  private final @Nullable Batch[] read;
  private final boolean[] more;
  private final int first;
  private int publicationsLeft;
  private int bytesLeft;

  /** How many of this round's turns are over. */
  private int turns;

  private int round = 1;
  private int channel = -1;
  private ReadLimit limit = new ReadLimit(1, 1);

  /**
   * Of one poll.
   *
   * @param cursors where it begins, one per channel
   * @param publications at most so many in the answer
   * @param bytes no further publication once their payloads reach so many bytes
   */
  PollShare(List<Cursor> cursors, int publications, int bytes) {
    this.cursors = cursors;
    this.read = new @Nullable Batch[cursors.size()];
    this.more = new boolean[cursors.size()];
    this.first = first(cursors);
    this.publicationsLeft = publications;
    this.bytesLeft = bytes;
  }

  private static int first(List<Cursor> cursors) {
    int count = cursors.size();
    if (count == 1) {
      return 0;
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      if (cursors.get(i) instanceof Cursor.After after) {
        sum += after.position().offset();
      }
    }
    return (int) ((((sum * GOLDEN) >>> Integer.SIZE) * count) >>> Integer.SIZE);
  }

  /** The channel to read now, from {@link #cursor} and within {@link #limit}; -1 for no other. */
  int next() {
    int count = cursors.size();
    while (true) {
      if (turns == count) {
        if (round == ROUNDS || count == 1) {
          return -1;
        }
        round++;
        turns = 0;
      }
      channel = (first + turns++) % count;
      boolean begins = round == 1;
      if (begins || (more[channel] && publicationsLeft > 0 && bytesLeft > 0)) {
        int sharing = begins ? count - turns + 1 : 1;
        limit =
            new ReadLimit(
                Math.max(publicationsLeft / sharing, 1), Math.max(bytesLeft / sharing, 1));
        return channel;
      }
    }
  }

  /** Where the channel is read on. */
  Cursor cursor() {
    Batch before = read[channel];
    return before == null ? cursors.get(channel) : new Cursor.After(before.position());
  }

  /** How much of it. */
  ReadLimit limit() {
    return limit;
  }

  /** What the read of that channel brought. */
  void add(Batch brought) {
    boolean full = publicationsLeft <= 0 || bytesLeft <= 0;
    Batch batch = full ? withoutPublications(brought) : brought;
    int bytes = 0;
    for (Publication publication : batch.publications()) {
      bytes += publication.payload().size();
    }
    int count = batch.publications().size();
    more[channel] = count >= limit.publications() || bytes >= limit.bytes();
    publicationsLeft -= count;
    bytesLeft -= bytes;
    Batch before = read[channel];
    read[channel] = before == null ? batch : joined(before, batch);
  }

  /** This channel's turn comes with another poll. */
  private Batch withoutPublications(Batch brought) {
    if (brought.publications().isEmpty()) {
      return brought;
    }
    StreamPosition position =
        brought.gap().isEmpty() && cursor() instanceof Cursor.After after
            ? after.position()
            : before(brought.publications().getFirst());
    return new Batch(brought.gap(), List.of(), position);
  }

  private static StreamPosition before(Publication publication) {
    StreamPosition position = publication.position();
    return new StreamPosition(position.epoch(), position.offset() - 1);
  }

  /** What was lost between two reads ends the first: the next poll is told of it. */
  private static Batch joined(Batch one, Batch other) {
    Optional<Gap> gap = other.gap();
    if (gap.isPresent()) {
      return one;
    }
    List<Publication> publications = new ArrayList<>(one.publications());
    publications.addAll(other.publications());
    return new Batch(one.gap(), publications, other.position());
  }

  /** What was read of each channel, in the order of the channels. */
  List<Batch> batches() {
    List<Batch> batches = new ArrayList<>(read.length);
    for (Batch batch : read) {
      batches.add(Objects.requireNonNull(batch));
    }
    return batches;
  }

  /** How many publications the answer could have besides. */
  int publicationsLeft() {
    return publicationsLeft;
  }

  /** How many bytes of payload it could have besides. */
  int bytesLeft() {
    return bytesLeft;
  }
}
