package dev.halley.server.http;

import dev.halley.server.connection.OutputWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The body of a request while it arrives. Used on its connection's event loop. */
final class RequestBody {
  private static final int MOST_PARTS = 1024;

  private final int mostBytes;
  private @Nullable CompositeByteBuf parts;
  private int looked;

  /** An empty one that takes at most so many bytes. */
  RequestBody(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  private int length() {
    return parts == null ? 0 : parts.readableBytes();
  }

  /** Takes a part, with a reference of its own; returns whether there was room for it. */
  boolean add(ByteBuf part, ByteBufAllocator allocator) {
    if (length() + (long) part.readableBytes() > mostBytes) {
      return false;
    }
    if (part.isReadable()) {
      if (parts == null) {
        parts = allocator.compositeBuffer(MOST_PARTS);
      }
      parts.addComponent(true, part.retain());
    }
    return true;
  }

  /**
   * Whether so much has come since the last look, which was so long ago, as comes on a slow line
   * and not from who holds the place.
   */
  boolean advances(Duration sinceLooked) {
    int before = looked;
    looked = length();
    return looked - before > sinceLooked.toSeconds() * OutputWatch.SLOWEST_BYTES_PER_SECOND;
  }

  /** Gives away what has come, and begins anew. */
  ByteBuf take() {
    looked = 0;
    ByteBuf whole = parts == null ? Unpooled.EMPTY_BUFFER : parts;
    parts = null;
    return whole;
  }

  /** Lets go of what has come. */
  void discard() {
    take().release();
  }
}
