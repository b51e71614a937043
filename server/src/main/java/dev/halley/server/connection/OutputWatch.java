package dev.halley.server.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Looks from time to time whether a peer goes on taking what was written to it. A time-out on the
 * whole would cut whoever has a slow line and have it ask for the same again; one who takes next to
 * nothing would keep memory for ever. Used on the connection's event loop.
 */
public final class OutputWatch {
  /** Who takes less on average, from one look to the next, has stopped. */
  public static final int SLOWEST_BYTES_PER_SECOND = 256;

  private long taken;
  private long lookedNanos;

  /** The first look. */
  public OutputWatch(Channel channel, long nanoTime) {
    this.taken = takenBytes(channel);
    this.lookedNanos = nanoTime;
  }

  /** Whether the peer has yet to take something of what was written. */
  public static boolean isPending(Channel channel) {
    return pendingBytes(channel) > 0
        || TcpState.of(channel).filter(it -> !it.isAllAcked()).isPresent();
  }

  /** Whether the last look is so long ago. */
  public boolean isTime(long nanoTime, long apart) {
    return nanoTime - lookedNanos >= apart;
  }

  /** Whether enough has been taken since the last look. */
  public boolean advances(Channel channel, long nanoTime) {
    long before = taken;
    long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoTime - lookedNanos);
    taken = takenBytes(channel);
    lookedNanos = nanoTime;
    return taken - before > seconds * SLOWEST_BYTES_PER_SECOND;
  }

  /** Grows with what is taken; where the kernel isn't asked, by what it was given. */
  private static long takenBytes(Channel channel) {
    Optional<TcpState> state = TcpState.of(channel);
    return state.isPresent() ? state.get().ackedBytes() : -pendingBytes(channel);
  }

  private static long pendingBytes(Channel channel) {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    // What has been sent of the buffer that is being sent still counts in the total.
    return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
  }
}
