package dev.halley.server.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A connection through one stream of HTTP/2: bytes are DATA frames, the end of a side is END_STREAM
 * (RFC 9113 section 8.1, RFC 8441 section 5). It is writable as far as the stream's own window
 * goes, so a slow one holds up none of its neighbours.
 */
public final class MultiplexedConnection extends ChannelConnection {
  /** How long the last bytes may take when the peer has ended its side. */
  private static final long LINGER_SECONDS = 5;

  private boolean inputEnded;
  private boolean outputEnded;

  /**
   * Opens the stream when it is added to a pipeline.
   *
   * @param inputEnded whether the request was all that the peer has to say
   */
  public MultiplexedConnection(StreamHandler stream, boolean inputEnded) {
    super(stream);
    this.inputEnded = inputEnded;
  }

  @Override
  public long pendingBytes() {
    Channel channel = channel();
    return channel.isWritable()
        ? channel.config().getWriteBufferHighWaterMark() - channel.bytesBeforeUnwritable()
        : channel.config().getWriteBufferLowWaterMark() + channel.bytesBeforeWritable();
  }

  @Override
  public void write(ByteBuf bytes) {
    if (outputEnded || !bytes.isReadable()) {
      bytes.release();
    } else {
      count(bytes);
      context().write(new DefaultHttp2DataFrame(bytes)).addListener(this::written);
    }
  }

  /**
   * What the peer did closes the stream by itself; a failure of ours would be missing in silence.
   */
  private void written(Future<?> done) {
    Throwable cause = done.cause();
    if (cause != null
        && !(cause instanceof IOException)
        && !(cause instanceof Http2Exception)
        && channel().isOpen()) {
      endBy(cause);
    }
  }

  @Override
  public void writeAndFlush(ByteBuf bytes) {
    write(bytes);
    flush();
  }

  @Override
  public void endOutput() {
    end();
  }

  /** To close the channel says nothing where the request has ended, and keeps what waits. */
  @Override
  public void close() {
    if (channel().isActive()) {
      context().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }
    super.close();
  }

  @Override
  public void closeAfterOutput() {
    if (!outputEnded) {
      end().addListener(done -> stopInput());
    }
  }

  private ChannelFuture end() {
    if (outputEnded) {
      return channel().newSucceededFuture();
    }
    outputEnded = true;
    return context().writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
  }

  /** All has been said: the peer needn't say more (RFC 9113 section 8.1). */
  private void stopInput() {
    if (!inputEnded) {
      context().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof Http2DataFrame frame) {
        if (frame.content().isReadable()) {
          stream().onRead(frame.content());
        }
        if (frame.isEndStream()) {
          endInput();
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** As with a socket, the end of one side ends the other when all has been sent. */
  private void endInput() {
    inputEnded = true;
    end();
    context().executor().schedule(this::close, LINGER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame) {
      ctx.close(); // even if what came before hasn't been read
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    stream().onFailure(cause);
    if (cause instanceof Http2Exception) {
      ctx.fireExceptionCaught(cause); // the channel closes with the error's code
    } else {
      ctx.close();
    }
  }
}
