package dev.halley.cli;

import java.util.Optional;

/**
 * What the bounds of memory add up to, beside the memory that there is. Loaded at each start, so it
 * uses nothing that takes time to load.
 *
 * @param heap the most that the JVM takes for its heap
 * @param history {@code history.total-bytes}
 * @param listening {@code limits.listening-bytes}
 * @param arriving what arrives and isn't published
 */
record MemoryBounds(long heap, long history, long listening, long arriving) {
  /** What a server takes that nobody uses, and what a collector needs to move things: an eighth. */
  private static final long LEAST_REST = 16L << 20;

  private static final long MIB = 1L << 20;

  /** What is set, on the memory of this process. */
  static MemoryBounds of(Configuration configuration) {
    return new MemoryBounds(
        maxHeap(),
        configuration.broker().totalBytes(),
        configuration.server().limits().listeningBytes(),
        configuration.server().arriving().bytes());
  }

  /** The most that this process' heap becomes, in bytes. */
  static long maxHeap() {
    return Runtime.getRuntime().maxMemory();
  }

  /** One line for the operator. */
  String summary() {
    return "memory: "
        + mebibytes(history)
        + " for history, "
        + mebibytes(listening)
        + " for connections and listeners, "
        + mebibytes(arriving)
        + " for what arrives: "
        + mebibytes(sum())
        + " of a heap of "
        + mebibytes(heap);
  }

  /** What to say if it can't be met. */
  Optional<String> warning() {
    if (sum() <= heap - rest()) {
      return Optional.empty();
    }
    return Optional.of(
        "the bounds of memory add up to "
            + mebibytes(sum())
            + ", more than a heap of "
            + mebibytes(heap)
            + " has room for: give it -Xmx in HALLEY_JAVA_OPTS, or lower history.total-bytes, "
            + "limits.listening-bytes or limits.arriving-bytes.");
  }

  private long sum() {
    return history + listening + arriving;
  }

  private long rest() {
    return Math.max(LEAST_REST, heap / 8);
  }

  private static String mebibytes(long bytes) {
    return bytes < 10 * MIB
        ? bytes / MIB + "." + bytes % MIB * 10 / MIB + " MiB"
        : bytes / MIB + " MiB";
  }
}
