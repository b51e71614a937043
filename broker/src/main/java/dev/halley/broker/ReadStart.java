package dev.halley.broker;

import java.util.List;
import java.util.Optional;

/**
 * Where a read of a log begins, and what was lost before it. All that is known of gaps is here.
 *
 * @param gap what lies between the cursor and {@code after}
 * @param after the read brings what follows this position; the gap's end where there is one
 */
record ReadStart(Optional<Gap> gap, StreamPosition after) {
  /**
   * @param beforeOldest the position that the oldest kept publication follows, or the head where
   *     none is kept
   * @param head the newest publication's position
   */
  static ReadStart of(Cursor since, StreamPosition beforeOldest, StreamPosition head) {
    return switch (since) {
      case Cursor.Earliest earliest -> new ReadStart(Optional.empty(), beforeOldest);
      case Cursor.Latest latest -> new ReadStart(Optional.empty(), head);
      case Cursor.After after -> after(after.position(), beforeOldest, head);
    };
  }

  /** What a read from here brought. */
  Batch batch(List<Publication> publications) {
    StreamPosition position =
        publications.isEmpty() ? after : publications.get(publications.size() - 1).position();
    return new Batch(gap, publications, position);
  }

  /** An offset beyond the head means that the log went back: it isn't the one that was read. */
  private static ReadStart after(
      StreamPosition position, StreamPosition beforeOldest, StreamPosition head) {
    if (position.sameEpoch(head)
        && position.offset() >= beforeOldest.offset()
        && position.offset() <= head.offset()) {
      return new ReadStart(Optional.empty(), position);
    }
    return new ReadStart(Optional.of(new Gap(position.next(), beforeOldest)), beforeOldest);
  }
}
