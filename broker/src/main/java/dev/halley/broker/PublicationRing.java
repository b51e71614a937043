package dev.halley.broker;

import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The kept publications of one log: one writer at a time (the log's lock sees to that), and any
 * number of readers that take no lock.
 *
 * <p>The publication with offset {@code n} stands in slot {@code n mod capacity}, so a slot holds
 * in turn the offsets {@code n}, {@code n + capacity}, … and nothing while none of them is kept. An
 * offset is given once in an epoch, therefore a reader that finds in a slot the offset it looks for
 * has the right publication, and one that finds anything else knows that it is gone.
 *
 * <p>The writer first puts a new array in place if one is needed, then fills the slot, and then
 * moves the head. A reader goes the other way: it reads the head before the array. So the array it
 * gets has had all offsets up to that head, and a slot without its offset was trimmed rather than
 * not yet filled. An array that was replaced isn't touched any more: who still reads it sees the
 * log as it was then.
 *
 * <p>Trimming goes from the oldest to the newest and so does a reader. Where a trim overtakes it,
 * it stops with what it has, which is without holes; its next read returns false.
 */
final class PublicationRing {
  private static final int LEAST_CAPACITY = 8;

  /** Stands for no array at all. Never written to. */
  private static final AtomicReferenceArray<@Nullable Publication> NONE =
      new AtomicReferenceArray<>(1);

  private volatile StreamPosition head;
  private volatile AtomicReferenceArray<@Nullable Publication> slots = NONE;

  /** How many are kept. The writer's. */
  private int size;

  /** When each was added; as long as the slots. The writer's. */
  private long[] times = {};

  /** An empty one; what is added first follows {@code head}. */
  PublicationRing(StreamPosition head) {
    this.head = head;
  }

  /** {@link Tail#head}. Any thread. */
  StreamPosition head() {
    return head;
  }

  /** {@link Tail#read}. Any thread. */
  boolean read(StreamPosition after, ReadLimit limit, List<Publication> into) {
    StreamPosition newest = head;
    AtomicReferenceArray<@Nullable Publication> array = slots;
    long read = after.offset();
    if (read > newest.offset() || !after.sameEpoch(newest)) {
      return false;
    }
    int mask = array.length() - 1;
    long first = read + 1;
    long last = Math.min(newest.offset(), read + limit.publications());
    long bytes = 0;
    for (long next = first; next <= last && bytes < limit.bytes(); next++) {
      Publication publication = array.getAcquire((int) next & mask);
      if (publication == null || publication.position().offset() != next) {
        return next != first;
      }
      into.add(publication);
      bytes += publication.payload().size();
    }
    return true;
  }

  /** How many are kept. Writer only. */
  int size() {
    return size;
  }

  /** How many can be kept without a larger array. Writer only. */
  int capacity() {
    return slots == NONE ? 0 : slots.length();
  }

  /** The one that {@code index} older ones precede, {@code index} less than the size. */
  Publication get(int index) {
    Publication publication = slots.getPlain(slot(slots, oldestOffset() + index));
    if (publication == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return publication;
  }

  /** When {@link #get} of that index was added. Writer only. */
  long timeMillis(int index) {
    return times[slot(slots, oldestOffset() + index)];
  }

  /** The position that the oldest kept one follows. Writer only. */
  StreamPosition beforeOldest() {
    return size == 0 ? head : new StreamPosition(head.epoch(), oldestOffset() - 1);
  }

  /**
   * Adds the publication that follows the head. Writer only.
   *
   * @param timeMillis when, by a clock that is never set
   */
  void add(Publication publication, long timeMillis) {
    if (size == capacity()) {
      resize(Math.max(LEAST_CAPACITY, 2 * size));
    }
    int slot = slot(slots, publication.position().offset());
    times[slot] = timeMillis;
    slots.setRelease(slot, publication);
    size++;
    head = publication.position();
  }

  /** Drops the {@code count} oldest, no more than there are. Writer only. */
  void dropOldest(int count) {
    AtomicReferenceArray<@Nullable Publication> array = slots;
    long oldest = oldestOffset();
    for (int i = 0; i < count; i++) {
      array.setRelease(slot(array, oldest + i), null);
    }
    size -= count;
  }

  /** Takes a smaller array where most of it is unused, or lets go of it. Writer only. */
  void compact() {
    if (size == 0) {
      slots = NONE;
      times = new long[0];
      return;
    }
    int wanted = Math.max(LEAST_CAPACITY, ceilingPowerOfTwo(size));
    if (wanted <= capacity() / 4) {
      resize(wanted);
    }
  }

  private void resize(int capacity) {
    AtomicReferenceArray<@Nullable Publication> from = slots;
    AtomicReferenceArray<@Nullable Publication> to = new AtomicReferenceArray<>(capacity);
    long[] toTimes = new long[capacity];
    long oldest = oldestOffset();
    for (int i = 0; i < size; i++) {
      to.setPlain(slot(to, oldest + i), from.getPlain(slot(from, oldest + i)));
      toTimes[slot(to, oldest + i)] = times[slot(from, oldest + i)];
    }
    slots = to;
    times = toTimes;
  }

  private long oldestOffset() {
    return head.offset() - size + 1;
  }

  private static int slot(AtomicReferenceArray<@Nullable Publication> array, long offset) {
    return (int) offset & (array.length() - 1);
  }

  private static int ceilingPowerOfTwo(int value) {
    return value == 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }
}
