package dev.halley.server.connection;

import dev.halley.server.meter.Via;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection through a Netty pipeline, whose last handler this is. */
public final class PipelineConnection extends ChannelInboundHandlerAdapter implements Connection {
  private final StreamHandler stream;
  private @Nullable ChannelHandlerContext context;
  private long written;

  /** Opens the stream when it is added to a pipeline. */
  PipelineConnection(StreamHandler stream) {
    this.stream = stream;
  }

  /** What a connection is used for now. */
  public static Via viaOf(Channel channel) {
    return channel.pipeline().last() instanceof PipelineConnection last
        ? last.stream.via()
        : Via.HTTP;
  }

  // ---- for the stream ----

  @Override
  public ByteBufAllocator allocator() {
    return context().alloc();
  }

  @Override
  public boolean isWritable() {
    return channel().isWritable();
  }

  @Override
  public long pendingBytes() {
    return channel().unsafe().outboundBuffer() == null
        ? 0
        : channel().unsafe().outboundBuffer().totalPendingWriteBytes();
  }

  @Override
  public long writtenBytes() {
    return written;
  }

  @Override
  public InetSocketAddress peer() {
    return (InetSocketAddress) channel().remoteAddress();
  }

  @Override
  public void write(ByteBuf bytes) {
    written += bytes.readableBytes();
    context().write(bytes, context().voidPromise());
  }

  @Override
  public void flush() {
    context().flush();
  }

  @Override
  public void writeAndFlush(ByteBuf bytes) {
    written += bytes.readableBytes();
    context().writeAndFlush(bytes, context().voidPromise());
  }

  @Override
  public void send(ByteBuf shared) {
    writeAndFlush(shared.retainedDuplicate());
  }

  @Override
  public void setReading(boolean reading) {
    channel().config().setAutoRead(reading);
  }

  @Override
  public void endOutput() {
    context()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(done -> Tcp.endOutput(context().pipeline()));
  }

  @Override
  public void closeAfterOutput() {
    context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void close() {
    context().close();
  }

  @Override
  public void execute(Runnable task) {
    context().executor().execute(task);
  }

  // ---- for the pipeline ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    stream.use(this);
    stream.onOpen();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      stream.onRead((ByteBuf) message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    stream.onReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    stream.onWritabilityChanged(ctx.channel().isWritable());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    stream.onFailure(cause);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    stream.onClosed();
  }

  StreamHandler stream() {
    return stream;
  }

  /** Runs a task when all that has been written has left. */
  void whenFlushed(Runnable task) {
    context()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                task.run();
              }
            });
  }

  Channel channel() {
    return context().channel();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }
}
