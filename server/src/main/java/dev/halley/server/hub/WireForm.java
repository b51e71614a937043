package dev.halley.server.hub;

import dev.halley.broker.Publication;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * How publications look on the wire to all listeners of one kind: the bytes are the same for each.
 */
public interface WireForm {
  /** How many forms can be shared; {@link #index} is below it. */
  int COUNT = 8;

  /** A number of this form's own, from 0 to {@link #COUNT} - 1. */
  int index();

  /**
   * Encodes a batch into one buffer, which the caller releases.
   *
   * @param publications at least one, of one channel, in order
   */
  ByteBuf encode(ByteBufAllocator allocator, String channel, List<Publication> publications);
}
