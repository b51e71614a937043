package dev.halley.server.connection;

import dev.halley.server.meter.Via;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;

/** A connection whose pipeline takes bytes: a socket, with TLS in front of it or without. */
public final class PipelineConnection extends ChannelConnection implements SocketUser {
  PipelineConnection(StreamHandler stream) {
    super(stream);
  }

  /** What a connection is used for now. */
  public static Via viaOf(Channel channel) {
    return channel.pipeline().last() instanceof PipelineConnection last
        ? last.stream().via()
        : Via.HTTP;
  }

  @Override
  public long pendingBytes() {
    ChannelOutboundBuffer pending = channel().unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  @Override
  public void write(ByteBuf bytes) {
    count(bytes);
    context().write(bytes, Tcp.promise(context()));
  }

  @Override
  public void writeAndFlush(ByteBuf bytes) {
    count(bytes);
    context().writeAndFlush(bytes, Tcp.promise(context()));
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
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      stream().onRead((ByteBuf) message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    endBy(cause);
  }

  @Override
  public Optional<StreamHandler> leaveChannel() {
    return pendingBytes() == 0 ? Optional.of(stream()) : Optional.empty();
  }

  @Override
  public void onChannelClosed() {
    finish();
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
}
