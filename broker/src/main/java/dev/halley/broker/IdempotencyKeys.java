package dev.halley.broker;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Which keys one log was published to with, and where the first publication of each stands. The
 * log's lock guards it. What is remembered is charged to the broker's bytes by the log; the methods
 * say how much.
 *
 * <p>A batch is remembered as one: however many of its entries are on this channel, they take the
 * place of one key, and none of them makes another one forgotten.
 */
final class IdempotencyKeys {
  /**
   * What a key takes besides its characters, in bytes, as measured with a histogram of the heap:
   * the map's entry and its share of the table (50), {@link Name} (24), {@link First} (24), the
   * array (16) and two strings (96).
   */
  static final int KEY_OVERHEAD = 210;

  /** What an entry takes: three numbers, and what the array has to spare. */
  static final int ENTRY = 36;

  /**
   * In an array that is sorted by the entries' numbers: the number, the offset, the fingerprint.
   */
  private static final int NUMBERS = 3;

  /** Entries by themselves and batches don't meet. */
  private record Name(String scope, String key, boolean batch) {
    static Name of(IdempotencyKey key) {
      return new Name(key.scope(), key.key(), key.entry() != IdempotencyKey.ALONE);
    }

    long cost() {
      return KEY_OVERHEAD + 2L * (scope.length() + key.length());
    }
  }

  private static final class First {
    long timeMillis;
    int count;
    long[] numbers = new long[NUMBERS];

    /** Where an entry is, or as {@link Arrays#binarySearch} says where it isn't. */
    int find(long entry) {
      int low = 0;
      int high = count - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        long number = numbers[middle * NUMBERS];
        if (number == entry) {
          return middle;
        }
        if (number < entry) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return -low - 1;
    }

    void add(long entry, long offset, long fingerprint) {
      int place = (-find(entry) - 1) * NUMBERS;
      int end = count * NUMBERS;
      if (end == numbers.length) {
        numbers = Arrays.copyOf(numbers, (count + count / 2 + 1) * NUMBERS);
      }
      System.arraycopy(numbers, place, numbers, place + NUMBERS, end - place);
      numbers[place] = entry;
      numbers[place + 1] = offset;
      numbers[place + 2] = fingerprint;
      count++;
    }
  }

  private final long windowMillis;
  private final int limit;
  private final LongAdder forgotten;

  /** From the first one remembered to the last one. */
  private final LinkedHashMap<Name, First> firsts = new LinkedHashMap<>();

  /**
   * None yet.
   *
   * @param forgotten counts those that make place for others
   */
  IdempotencyKeys(Duration window, int limit, LongAdder forgotten) {
    this.windowMillis = window.toMillis();
    this.limit = limit;
    this.forgotten = forgotten;
  }

  /** How many bytes it takes to remember {@code key}, if nothing of its batch is remembered. */
  static long cost(IdempotencyKey key) {
    return Name.of(key).cost() + ENTRY;
  }

  boolean isEmpty() {
    return firsts.isEmpty();
  }

  /**
   * The offset that {@code key} was remembered with within the window; 0 if it wasn't.
   *
   * @throws IdempotencyConflictException if it was with another fingerprint
   */
  long find(IdempotencyKey key, long fingerprint, long nowMillis) {
    First first = firsts.get(Name.of(key));
    if (first == null || isOver(first, nowMillis)) {
      return 0;
    }
    int index = first.find(key.entry());
    if (index < 0) {
      return 0;
    }
    if (first.numbers[index * NUMBERS + 2] != fingerprint) {
      throw new IdempotencyConflictException();
    }
    return first.numbers[index * NUMBERS + 1];
  }

  /** How many bytes {@link #remember} will add. */
  long costOf(IdempotencyKey key, long nowMillis) {
    First first = firsts.get(Name.of(key));
    return first == null || isOver(first, nowMillis) ? cost(key) : ENTRY;
  }

  /**
   * Remembers {@code key}, which isn't, and returns how many bytes were freed by forgetting others.
   * The window of a batch begins with the last of its entries.
   */
  long remember(IdempotencyKey key, long offset, long fingerprint, long nowMillis) {
    Name name = Name.of(key);
    First first = firsts.remove(name);
    long freed = 0;
    if (first == null || isOver(first, nowMillis)) {
      freed = first == null ? 0 : cost(name, first);
      first = new First();
    }
    first.timeMillis = nowMillis;
    first.add(key.entry(), offset, fingerprint);
    firsts.put(name, first);
    if (firsts.size() <= limit) {
      return freed;
    }
    forgotten.increment();
    return freed + forgetEldest();
  }

  /** Forgets what is older than the window, and returns how many bytes that freed. */
  long expire(long nowMillis) {
    long freed = 0;
    Map.Entry<Name, First> eldest = firsts.firstEntry();
    while (eldest != null && isOver(eldest.getValue(), nowMillis)) {
      freed += forgetEldest();
      eldest = firsts.firstEntry();
    }
    return freed;
  }

  /** Forgets all, and returns how many bytes that freed. */
  long clear() {
    long freed = 0;
    for (Map.Entry<Name, First> entry : firsts.entrySet()) {
      freed += cost(entry.getKey(), entry.getValue());
    }
    firsts.clear();
    return freed;
  }

  private long forgetEldest() {
    Map.@Nullable Entry<Name, First> eldest = firsts.pollFirstEntry();
    return eldest == null ? 0 : cost(eldest.getKey(), eldest.getValue());
  }

  private static long cost(Name name, First first) {
    return name.cost() + (long) first.count * ENTRY;
  }

  private boolean isOver(First first, long nowMillis) {
    return nowMillis - first.timeMillis >= windowMillis;
  }
}
