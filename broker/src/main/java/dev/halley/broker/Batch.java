package dev.halley.broker;

import java.util.List;
import java.util.Optional;

/**
 * What one read of a log brought.
 *
 * @param gap what was lost before the first of the publications, if anything was
 * @param publications in the order of their offsets, without holes
 * @param position where the next read goes on: that of the last publication, or else the gap's end,
 *     or else where this read began
 */
public record Batch(Optional<Gap> gap, List<Publication> publications, StreamPosition position) {
  /** Takes a copy of the list. */
  public Batch {
    publications = List.copyOf(publications);
  }
}
