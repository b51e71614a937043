package dev.halley.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * The requests that came more than once on an event loop, byte by byte the same: ten thousand who
 * poll a channel ask for the same thing, and it is taken apart once. A few short ones without a
 * body are kept, none with a cookie, an Authorization or a token, which are one client's own. Used
 * on its event loop.
 */
final class RecentHeads {
  /** Longer ones are always taken apart. */
  static final int LONGEST = 1_024;

  private static final int SLOTS = 64;
  private static final int SHORTEST = 16;
  private static final int GET = 'G' << 24 | 'E' << 16 | 'T' << 8 | ' ';
  private static final int END = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

  private record Known(ByteBuf bytes, RecentRequest request) {}

  private final int[] seen = new int[SLOTS];
  private final @Nullable Known[] known = new @Nullable Known[SLOTS];

  /** Whether the bytes may be one request without a body that is kept. */
  static boolean isCandidate(ByteBuf bytes) {
    return bytes.readableBytes() <= LONGEST && isHead(bytes);
  }

  /** Whether the bytes begin and end as one request without a body. */
  static boolean isHead(ByteBuf bytes) {
    return bytes.readableBytes() >= SHORTEST
        && bytes.getInt(bytes.readerIndex()) == GET
        && bytes.getInt(bytes.writerIndex() - 4) == END;
  }

  /** What to ask for a candidate by. */
  static int hash(ByteBuf bytes) {
    int hash = ByteBufUtil.hashCode(bytes);
    return hash ^ hash >>> 16;
  }

  /** The request that these bytes are, if it is known. */
  @Nullable RecentRequest find(ByteBuf bytes, int hash) {
    Known there = known[hash & (SLOTS - 1)];
    return there != null && ByteBufUtil.equals(there.bytes(), bytes) ? there.request() : null;
  }

  /**
   * Notes a candidate that wasn't known; says whether it came before, so that it is worth a place.
   */
  boolean isSeenAgain(int hash) {
    int slot = hash & (SLOTS - 1);
    boolean again = seen[slot] == hash;
    seen[slot] = hash;
    return again;
  }

  /**
   * Keeps a request, in the place of another one.
   *
   * @param bytes all of it; the caller's own after this
   */
  void put(byte[] bytes, int hash, HttpRequest request) {
    if (!CredentialFields.mayBeIn(request)) {
      known[hash & (SLOTS - 1)] =
          new Known(Unpooled.wrappedBuffer(bytes), new RecentRequest(request));
    }
  }
}
