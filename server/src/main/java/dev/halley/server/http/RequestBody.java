package dev.halley.server.http;

import dev.halley.server.arrival.Arrivals;
import dev.halley.server.arrival.Pace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The body of a request that arrives in several parts. They are copied into one array, which grows
 * with what comes and not with what is announced: a part would keep the whole buffer that it was
 * read into, however little of it it is. Used on its connection's event loop.
 */
final class RequestBody {
  private static final int SMALLEST = 512;
  private static final byte[] NOTHING = {};

  /** What became of a part. */
  enum Outcome {
    KEPT,
    TOO_LARGE,
    NO_MEMORY
  }

  private final int mostBytes;
  private final int room;
  private final boolean isWanted;
  private final Arrivals.Share share;
  private final Pace pace;
  private byte[] bytes = NOTHING;
  private int length;

  /**
   * An empty one.
   *
   * @param mostBytes that it may have
   * @param room how many there will be at most, as far as that is known
   * @param isWanted whether anybody will look at it: otherwise it is only counted
   * @param share what it holds; let go of by whoever made it
   */
  RequestBody(int mostBytes, int room, boolean isWanted, Arrivals.Share share, Pace pace) {
    this.mostBytes = mostBytes;
    this.room = room;
    this.isWanted = isWanted;
    this.share = share;
    this.pace = pace;
  }

  /** Takes a copy of a part. */
  Outcome add(ByteBuf part, long now) {
    int more = part.readableBytes();
    if (more > mostBytes - length) {
      return Outcome.TOO_LARGE;
    }
    pace.arrived(more, now);
    if (isWanted) {
      if (length + more > bytes.length && !grow(length + more)) {
        return Outcome.NO_MEMORY;
      }
      part.getBytes(part.readerIndex(), bytes, length, more);
    }
    length += more;
    return Outcome.KEPT;
  }

  /** While the larger one is filled, the smaller one is there, too. */
  private boolean grow(int needed) {
    int larger = (int) Math.max(needed, Math.min(Math.max(SMALLEST, 2L * needed), room));
    if (!share.hold((long) bytes.length + larger)) {
      return false;
    }
    byte[] grown = new byte[larger];
    System.arraycopy(bytes, 0, grown, 0, length);
    bytes = grown;
    share.hold(larger);
    return true;
  }

  /** How long the rest may be in coming, as {@link Pace#left}. */
  long nanosLeft(long now) {
    return pace.left(now, share.isShort());
  }

  /** All that has come, and was wanted. */
  ByteBuf whole() {
    return isWanted ? Unpooled.wrappedBuffer(bytes, 0, length) : Unpooled.EMPTY_BUFFER;
  }
}
