package dev.halley.server.connection;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the kernel knows of a connection (Linux, {@code TCP_INFO} of tcp(7)): the only one who sees
 * what the other machine has acknowledged.
 *
 * @param asking whether the kernel has sent something again, or has probed a closed window, and has
 *     not been answered since
 * @param sinceSentNanos the time since anything was sent
 * @param sinceAckNanos the time since the other machine was last heard to acknowledge anything
 * @param ackedBytes how much it has acknowledged so far
 * @param isAllAcked whether that is all that the kernel was given
 */
public record TcpState(
    boolean asking, long sinceSentNanos, long sinceAckNanos, long ackedBytes, boolean isAllAcked) {
  private static final int TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int LENGTH = 152;

  /** Places in {@code struct tcp_info}, which only grows at its end. */
  private static final int RETRANSMITS = 2;

  private static final int PROBES = 3;
  private static final int UNACKED = 24;
  private static final int LAST_DATA_SENT = 44;
  private static final int LAST_ACK_RECEIVED = 56;
  private static final int BYTES_ACKED = 120;
  private static final int NOT_SENT = 144;

  private static final RawUnixChannelOption OPTION =
      new RawUnixChannelOption("TCP_INFO", TCP, TCP_INFO, LENGTH);

  /** Of a socket; none if the kernel doesn't say. */
  static Optional<TcpState> of(Socket socket) {
    ByteBuffer info = ByteBuffer.allocate(LENGTH);
    try {
      socket.getRawOpt(TCP, TCP_INFO, info);
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.of(parse(info));
  }

  /** Of a channel, or of the one that its stream is in; none where the kernel isn't asked. */
  public static Optional<TcpState> of(Channel channel) {
    Channel socket =
        channel.parent() == null || channel.parent() instanceof ServerChannel
            ? channel
            : channel.parent();
    try {
      return Optional.ofNullable(socket.config().getOption(OPTION)).map(TcpState::parse);
    } catch (RuntimeException e) {
      return Optional.empty(); // it is closed
    }
  }

  static TcpState parse(ByteBuffer filled) {
    ByteBuffer info = filled.duplicate().order(ByteOrder.nativeOrder());
    return new TcpState(
        info.get(RETRANSMITS) != 0 || info.get(PROBES) != 0,
        nanos(info.getInt(LAST_DATA_SENT)),
        nanos(info.getInt(LAST_ACK_RECEIVED)),
        info.getLong(BYTES_ACKED),
        info.getInt(UNACKED) == 0 && info.getInt(NOT_SENT) == 0);
  }

  private static long nanos(int millis) {
    return TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(millis));
  }

  /** How long the other machine has left unanswered what was sent; 0 if it answers. */
  public long unansweredNanos() {
    return asking ? sinceAckNanos : 0;
  }
}
