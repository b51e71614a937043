package dev.halley.server.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How large a buffer each read gets: twice as large after one that was filled, half as large after
 * two in a row that would have fitted into half. Netty's adaptive allocator does much the same, but
 * with three objects for each connection instead of one, which idle connections pay for.
 */
final class ReadSizes implements RecvByteBufAllocator {
  private static final int SMALLEST = 512;
  private static final int FIRST = 2048;
  private static final int LARGEST = 64 << 10;

  /** Reads after which other connections of the loop have their turn. */
  private static final int READS_PER_TURN = 16;

  @SuppressWarnings("deprecation") // the interface still names the type that it replaced
  @Override
  public Handle newHandle() {
    return new Sizes();
  }

  /** The reads of one connection; used on its event loop. */
  static final class Sizes implements ExtendedHandle {
    private int size = FIRST;
    private int attempted;
    private int last;
    private int total;
    private int reads;
    private boolean wasSmall;
    private @Nullable ChannelConfig config;

    @Override
    public void reset(ChannelConfig channelConfig) {
      config = channelConfig;
      total = 0;
      reads = 0;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return allocator.ioBuffer(size);
    }

    @Override
    public int guess() {
      return size;
    }

    @Override
    public void incMessagesRead(int count) {
      reads += count;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
      return attempted;
    }

    @Override
    public void lastBytesRead(int bytes) {
      last = bytes;
      if (bytes <= 0) {
        return;
      }
      total += bytes;
      if (bytes == attempted) {
        size = Math.min(2 * size, LARGEST);
        wasSmall = false;
      } else if (bytes > size / 2) {
        wasSmall = false;
      } else if (wasSmall) {
        size = Math.max(size / 2, SMALLEST);
        wasSmall = false;
      } else {
        wasSmall = true;
      }
    }

    @Override
    public int lastBytesRead() {
      return last;
    }

    @Override
    public boolean continueReading() {
      return mayContinue() && attempted == last;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return mayContinue() && maybeMore.get();
    }

    private boolean mayContinue() {
      return config != null && config.isAutoRead() && reads < READS_PER_TURN && total > 0;
    }

    @Override
    public void readComplete() {}
  }
}
