package dev.halley.websocket;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The deflaters and inflaters of one thread's connections (RFC 7692).
 *
 * <p>They are made when they are needed first. All connections without context takeover share them,
 * one message after the other, so that there is about one of each, however many connections there
 * are. Connections with context takeover keep theirs until {@link WebSocketProtocol#release}.
 *
 * <p>Not for several threads at once, nor any connection that draws on it.
 */
public final class DeflatePool implements AutoCloseable {
  /** Zlib's own choice between speed and size. */
  public static final int DEFAULT_LEVEL = Deflater.DEFAULT_COMPRESSION;

  /** More are spare only after many messages were compressed or inflated in parts at once. */
  private static final int MOST_SPARE = 4;

  private final int level;
  private final MessageInflater inflater = new MessageInflater(this, false);
  private final @Nullable MessageDeflater[] byWindow =
      new MessageDeflater[DeflateParameters.MAX_WINDOW_BITS + 1];
  private final Queue<Deflater> deflaters = new ArrayDeque<>();
  private final Queue<Inflater> inflaters = new ArrayDeque<>();

  /**
   * An empty pool.
   *
   * @param level of compression, 1 (fast) to 9 (small), or {@link #DEFAULT_LEVEL}
   * @throws IllegalArgumentException if it is none of these
   */
  public DeflatePool(int level) {
    if (level != DEFAULT_LEVEL && (level < 1 || level > 9)) {
      throw new IllegalArgumentException("A level is 1 to 9, or the default");
    }
    this.level = level;
  }

  /**
   * Writes a compressed message in one server's frame that is good for every client whose agreement
   * has no context takeover for the server and a window that is not smaller: compress once, send to
   * all.
   *
   * @param opcode {@link Opcode#TEXT} or {@link Opcode#BINARY}
   * @param payload whose position moves to its limit if the frame was written
   * @param windowBits 8 to 15, see {@link DeflateParameters}
   * @return false if compression makes it no smaller; then nothing is written
   * @throws IllegalArgumentException if there is no such window
   * @throws BufferOverflowException if there is less room than an uncompressed frame takes
   */
  public boolean writeCompressed(int opcode, ByteBuffer payload, int windowBits, ByteBuffer out) {
    if (!DeflateParameters.isWindow(windowBits)) {
      throw new IllegalArgumentException("A window has 8 to 15 bits");
    }
    return FrameWriter.SERVER.writeCompressed(opcode, payload, deflater(windowBits), out);
  }

  /** Frees the memory of those that are not in use. The pool stays usable. */
  @Override
  public void close() {
    deflaters.forEach(Deflater::end);
    deflaters.clear();
    inflaters.forEach(Inflater::end);
    inflaters.clear();
  }

  /** How many deflaters and inflaters wait for their next use. */
  int spare() {
    return deflaters.size() + inflaters.size();
  }

  /** What compresses whole messages of all connections without context takeover. */
  MessageDeflater deflater(int windowBits) {
    MessageDeflater deflater = byWindow[windowBits];
    if (deflater == null) {
      deflater = new MessageDeflater(this, false, windowBits);
      byWindow[windowBits] = deflater;
    }
    return deflater;
  }

  /** What inflates whole messages of all connections without context takeover. */
  MessageInflater inflater() {
    return inflater;
  }

  /** One without history, which the caller gives back or ends. */
  Deflater takeDeflater() {
    Deflater spare = deflaters.poll();
    return spare == null ? new Deflater(level, true) : spare;
  }

  void give(Deflater deflater) {
    if (deflaters.size() < MOST_SPARE) {
      deflater.reset();
      deflaters.add(deflater);
    } else {
      deflater.end();
    }
  }

  /** One without history, which the caller gives back or ends. */
  Inflater takeInflater() {
    Inflater spare = inflaters.poll();
    return spare == null ? new Inflater(true) : spare;
  }

  void give(Inflater inflater) {
    if (inflaters.size() < MOST_SPARE) {
      inflater.reset();
      inflaters.add(inflater);
    } else {
      inflater.end();
    }
  }
}
