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
    ByteBuf own;
    try {
      own = shared.retainedDuplicate();
    } catch (Throwable e) {
      endBy(e);
      return;
    }
    writeAndFlush(own);
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
    context().executor().execute(() -> run(task));
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      endBy(e);
    }
  }

  /** Something threw that was done for this connection. */
  final void endBy(Throwable cause) {
    stream.onFailure(cause);
    Tcp.cut(channel());
  }

  // ---- for the pipeline ----

  @Override
  public final void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    try {
      stream.use(this);
    } catch (Throwable e) {
      endBy(e); // not the pipeline's: that would take this out, and nobody would tell the stream
    }
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
    stream.end();
  }
}
