package dev.halley.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextCheck;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty's frame decoder without what is around it: no pipeline, no cumulation, one read buffer for
 * ever. Its buffers come from Netty's default allocator, as in a server.
 */
final class NettyDecoder extends Decoder {
  private final Tight decoder = new Tight();
  private final ChannelHandlerContext context;
  private final byte[] wire;
  private final boolean isText;
  private final ByteBuf input;
  private final List<Object> frames = new ArrayList<>();
  private final TextCheck utf8 = new TextCheck();

  NettyDecoder(Wire wire, boolean isText, boolean checked) {
    super(checked);
    this.wire = wire.bytes();
    this.isText = isText;
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    context = channel.pipeline().context(decoder);
    input = context.alloc().directBuffer(this.wire.length);
  }

  @Override
  void decode() throws Exception {
    input.clear().writeBytes(wire);
    while (input.isReadable()) {
      decoder.decode(context, input, frames);
      WebSocketFrame frame = (WebSocketFrame) frames.removeLast();
      ByteBuf content = frame.content();
      if (isText) {
        utf8.check(content);
      }
      if (isChecked()) {
        payload(content.nioBuffer(), 0, content.readableBytes());
      } else {
        payload(content.getByte(content.writerIndex() - 1));
      }
      frame.release();
    }
  }

  @Override
  public void close() {
    input.release();
  }

  private static final class Tight extends WebSocket13FrameDecoder {
    Tight() {
      super(WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(1 << 20).build());
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
        throws Exception {
      super.decode(context, in, out);
    }
  }
}
