package dev.halley.server.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection through a Netty channel, whose pipeline's last handler this is. */
abstract class ChannelConnection extends ChannelInboundHandlerAdapter implements Connection {
  private final StreamHandler stream;
  private @Nullable ChannelHandlerContext context;
  private long written;
  private boolean ended;

  /** Opens the stream when it is added to a pipeline. */
  ChannelConnection(StreamHandler stream) {
    this.stream = stream;
  }

  final StreamHandler stream() {
    return stream;
  }

  final ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  final Channel channel() {
    return context().channel();
  }

  /** Counts what is about to be written. */
  final void count(ByteBuf bytes) {
    written += bytes.readableBytes();
  }

  // ---- for the stream ----

  @Override
  public final ByteBufAllocator allocator() {
    return context().alloc();
  }

  @Override
  public final boolean isWritable() {
    return channel().isWritable();
  }

  @Override
  public final long writtenBytes() {
    return written;
  }

  @Override
  public final Optional<TcpState> tcp() {
    return TcpState.of(channel());
  }

  @Override
  public final InetSocketAddress peer() {
    return Client.of(channel()).address();
  }

  @Override
  public final void flush() {
    context().flush();
  }

  @Override
  public final void send(ByteBuf shared) {
    writeAndFlush(shared.retainedDuplicate());
  }

  @Override
  public final void setReading(boolean reading) {
    channel().config().setAutoRead(reading);
  }

  @Override
  public void close() {
    context().close();
  }

  @Override
  public final void execute(Runnable task) {
    context().executor().execute(task);
  }

  // ---- for the pipeline ----

  @Override
  public final void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    stream.use(this);
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext ctx) {
    stream.onReadComplete();
  }

  @Override
  public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
    stream.onWritabilityChanged(ctx.channel().isWritable());
  }

  @Override
  public final void channelInactive(ChannelHandlerContext ctx) {
    finish();
  }

  /** The channel is closed; its stream is told once. */
  final void finish() {
    if (!ended) {
      ended = true;
      stream.leave();
      stream.onClosed();
    }
  }
}
