package dev.halley.showcase.document;

import java.util.LinkedHashMap;
import java.util.List;

/**
 * The newest snapshots of each document. Nobody here can read one: it comes from a page that had
 * applied all updates up to its position. The one before is kept too, for the case that the newest
 * turns out to be unreadable.
 *
 * <p>Safe for use by many threads.
 */
final class Snapshots {
  /**
   * How much is kept.
   *
   * @param documents at most so many
   * @param bytes of one snapshot, at most
   * @param totalBytes of all together, at most; two snapshots always fit
   */
  record Limits(int documents, int bytes, long totalBytes) {
    /** Checks that there is room for a document. */
    Limits {
      if (documents < 1 || bytes < 1 || totalBytes < 2L * bytes) {
        throw new IllegalArgumentException("There is room for one document's two snapshots");
      }
    }

    static Limits defaults() {
      return new Limits(64, 1 << 20, 16 << 20);
    }
  }

  private final Limits limits;

  /**
   * The newest first; from the document whose newest is the oldest on, which is forgotten first.
   */
  private final LinkedHashMap<String, List<Snapshot>> kept = new LinkedHashMap<>();

  private long totalBytes;

  Snapshots(Limits limits) {
    this.limits = limits;
  }

  /** The newest snapshot of a document and the one before, as far as there are any. */
  synchronized List<Snapshot> of(String document) {
    return kept.getOrDefault(document, List.of());
  }

  /**
   * Keeps a snapshot, unless it covers no more than the one that is there. Positions of different
   * epochs can't be compared: what comes later is of the later one.
   *
   * @return whether it is the newest now
   */
  synchronized boolean put(String document, Snapshot snapshot) {
    List<Snapshot> before = of(document);
    if (!before.isEmpty() && !isNewer(snapshot, before.get(0))) {
      return false;
    }
    forget(document);
    List<Snapshot> now = before.isEmpty() ? List.of(snapshot) : List.of(snapshot, before.get(0));
    kept.put(document, now);
    totalBytes += bytes(now);
    while (kept.size() > limits.documents() || totalBytes > limits.totalBytes()) {
      forget(kept.firstEntry().getKey());
    }
    return true;
  }

  int maxBytes() {
    return limits.bytes();
  }

  private void forget(String document) {
    List<Snapshot> gone = kept.remove(document);
    totalBytes -= gone == null ? 0 : bytes(gone);
  }

  private static boolean isNewer(Snapshot one, Snapshot other) {
    return !one.covers().sameEpoch(other.covers())
        || one.covers().offset() > other.covers().offset();
  }

  private static long bytes(List<Snapshot> snapshots) {
    return snapshots.stream().mapToLong(Snapshot::size).sum();
  }
}
