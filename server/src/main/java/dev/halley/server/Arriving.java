package dev.halley.server;

/**
 * The bounds of what has arrived and isn't published or answered yet. Sizes are in bytes.
 *
 * @param bytes of all connections together: bodies and messages that aren't complete, and what
 *     waits for an earlier request, for the application or for the broker; counted is the memory
 *     that is taken up
 * @param bytesPerAddress of them, those of one address, or one /64 network of IPv6; loopback
 *     addresses are exempt
 * @param batchEntries publications of one batch
 * @param jsonDepth arrays and objects within each other
 * @param jsonNumber digits and signs of one number
 * @param jsonName the name of one property
 */
public record Arriving(
    long bytes,
    long bytesPerAddress,
    int batchEntries,
    int jsonDepth,
    int jsonNumber,
    int jsonName) {
  /** The most that is taken of a memory that is large. */
  private static final long MOST = 256L << 20;

  /** What the largest of requests needs. */
  private static final long LEAST = 8L << 20;

  /** Checks that all are positive. */
  public Arriving {
    require(bytes >= 1, "arriving-bytes is at least 1");
    require(bytesPerAddress >= 1, "arriving-bytes-per-address is at least 1");
    require(batchEntries >= 1, "batch-entries is at least 1");
    require(jsonDepth >= 1, "json-depth is at least 1");
    require(jsonNumber >= 1, "json-number is at least 1");
    require(jsonName >= 1, "json-name is at least 1");
  }

  /** What fits the memory at hand. */
  public static Arriving defaults() {
    long bytes = bytesFor(Runtime.getRuntime().maxMemory());
    return new Arriving(bytes, bytesPerAddressFor(bytes), 1_000, 500, 1_000, 50_000);
  }

  /** The usual share of a heap of so many bytes: a quarter of it, 8 MiB to 256 MiB. */
  public static long bytesFor(long heap) {
    return Math.clamp(heap / 4, LEAST, MOST);
  }

  /** The usual share of one address: half of all. */
  public static long bytesPerAddressFor(long bytes) {
    return Math.max(1, bytes / 2);
  }

  /** The same with other numbers of bytes. */
  public Arriving withBytes(long all, long perAddress) {
    return new Arriving(all, perAddress, batchEntries, jsonDepth, jsonNumber, jsonName);
  }

  /** The same with another number of entries in a batch. */
  public Arriving withBatchEntries(int entries) {
    return new Arriving(bytes, bytesPerAddress, entries, jsonDepth, jsonNumber, jsonName);
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
