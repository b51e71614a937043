package dev.halley.server.http;

import dev.halley.websocket.Header;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.List;

/**
 * Builds codecs whose own answer, to a head that is too large when it is unpacked, can be read by
 * pages as all others can.
 */
final class Http2CodecBuilder extends Http2FrameCodecBuilder {
  private final List<Header> fields;
  private final Runnable heard;

  /**
   * A builder for a server.
   *
   * @param fields of that answer
   * @param heard is run when something has come
   */
  Http2CodecBuilder(List<Header> fields, Runnable heard) {
    this.fields = fields;
    this.heard = heard;
  }

  @Override
  protected Http2FrameCodec build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    return new Codec(encoder, decoder, settings, decoupleCloseAndGoAway(), flushPreface(), this);
  }

  private static final class Codec extends Http2FrameCodec {
    private final Http2CodecBuilder from;

    Codec(
        Http2ConnectionEncoder encoder,
        Http2ConnectionDecoder decoder,
        Http2Settings settings,
        boolean decoupleCloseAndGoAway,
        boolean flushPreface,
        Http2CodecBuilder from) {
      super(encoder, decoder, settings, decoupleCloseAndGoAway, flushPreface);
      this.from = from;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
      from.heard.run();
      super.channelReadComplete(ctx);
    }

    @Override
    protected void handleServerHeaderDecodeSizeError(
        ChannelHandlerContext ctx, Http2Stream stream) {
      encoder()
          .writeHeaders(
              ctx,
              stream.id(),
              Http2Fields.response(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, from.fields),
              0,
              true,
              ctx.newPromise());
    }
  }
}
