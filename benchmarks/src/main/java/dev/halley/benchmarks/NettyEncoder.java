package dev.halley.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Netty's frame encoder without a pipeline; its buffers come from Netty's default allocator. */
final class NettyEncoder implements Encoder {
  private final Tight encoder = new Tight();
  private final ChannelHandlerContext context;
  private final ByteBuf payload;
  private final List<Object> out = new ArrayList<>();
  private ByteBuf last = Unpooled.EMPTY_BUFFER;

  NettyEncoder(byte[] payload) {
    EmbeddedChannel channel = new EmbeddedChannel(encoder);
    context = channel.pipeline().context(encoder);
    this.payload = context.alloc().directBuffer(payload.length).writeBytes(payload);
  }

  @Override
  public byte encode() throws Exception {
    last.release();
    encoder.encode(context, new BinaryWebSocketFrame(payload.readerIndex(0)), out);
    last = (ByteBuf) out.removeLast();
    return last.getByte(last.writerIndex() - 1);
  }

  @Override
  public ByteBuffer frame() {
    return last.nioBuffer();
  }

  @Override
  public void close() {
    last.release();
    payload.release();
  }

  private static final class Tight extends WebSocket13FrameEncoder {
    Tight() {
      super(false);
    }

    @Override
    protected void encode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out)
        throws Exception {
      super.encode(context, frame, out);
    }
  }
}
