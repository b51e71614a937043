package dev.halley.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the requests of one connection apart: Netty's decoder does, but for one that came before as
 * it is.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private final RecentHeads recent;

  /**
   * Whether a request has begun and not ended: what comes next is its own, whatever it looks like.
   */
  private boolean within;

  /** The requests that come of the bytes that are being decoded, if somebody wants to know. */
  private @Nullable List<HttpRequest> decoded;

  /**
   * For one connection.
   *
   * @param recent of its event loop
   */
  RequestDecoder(HttpDecoderConfig config, RecentHeads recent) {
    super(config);
    this.recent = recent;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf bytes
        && !within
        && actualReadableBytes() == 0
        && ctx.channel().config().isAutoRead()
        && RecentHeads.isCandidate(bytes)) {
      readCandidate(ctx, bytes);
    } else {
      super.channelRead(ctx, message);
    }
  }

  private void readCandidate(ChannelHandlerContext ctx, ByteBuf bytes) throws Exception {
    int hash = RecentHeads.hash(bytes);
    HttpRequest request = recent.find(bytes, hash);
    if (request != null) {
      bytes.release();
      ctx.fireChannelRead(request);
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    } else if (recent.isSeenAgain(hash)) {
      byte[] copy = ByteBufUtil.getBytes(bytes);
      List<HttpRequest> requests = new ArrayList<>(1);
      decoded = requests;
      super.channelRead(ctx, bytes);
      decoded = null;
      if (requests.size() == 1 && !within && requests.getFirst().decoderResult().isSuccess()) {
        recent.put(copy, hash, requests.getFirst());
      }
    } else {
      super.channelRead(ctx, bytes);
    }
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) throws Exception {
    within = true;
    return super.createMessage(initialLine);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    int before = out.size();
    super.decode(ctx, buffer, out);
    for (int i = before; i < out.size(); i++) {
      if (decoded != null && out.get(i) instanceof HttpRequest request) {
        decoded.add(request);
      }
      // After one that couldn't be read nothing is.
      within = !(out.get(i) instanceof LastHttpContent end && end.decoderResult().isSuccess());
    }
  }

  /** Two ways to say how long a body is are a way to smuggle a request past a proxy: refused. */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("Both Transfer-Encoding and Content-Length");
  }
}
