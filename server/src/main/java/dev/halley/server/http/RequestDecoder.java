package dev.halley.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
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

  /** Whether it is to be found out if the bytes that come are one request. */
  private boolean learning;

  /** Bytes that have come since something was handed on last. */
  private int since;

  /** The request that they are, without a body and with nothing behind it. */
  private @Nullable HttpRequest learned;

  /**
   * For one connection.
   *
   * @param recent of its event loop
   */
  RequestDecoder(HttpDecoderConfig config, RecentHeads recent) {
    super(config);
    this.recent = recent;
  }

  /** Whether all that it was given has been handed on. */
  boolean isIdle() {
    return !within && actualReadableBytes() == 0;
  }

  /** How many bytes have come of what has begun and wasn't handed on; at least so many are kept. */
  int partialBytes() {
    return isIdle() ? 0 : since;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    since += message instanceof ByteBuf arrived ? arrived.readableBytes() : 0;
    // Where nothing more is to be read, Netty's decoder must know that something has been.
    if (message instanceof ByteBuf bytes
        && isIdle()
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
      since = 0;
      bytes.release();
      ctx.fireChannelRead(request);
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    } else if (recent.isSeenAgain(hash)) {
      byte[] copy = ByteBufUtil.getBytes(bytes);
      learning = true;
      try {
        super.channelRead(ctx, bytes);
        if (learned != null) {
          recent.put(copy, hash, learned);
        }
      } finally {
        learning = false;
        learned = null;
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
    if (out.size() > before) {
      since = buffer.readableBytes();
      // After one that couldn't be read nothing is.
      within = !(out.getLast() instanceof LastHttpContent end && end.decoderResult().isSuccess());
      if (learning) {
        learning = false;
        learned =
            out.size() == before + 2
                    && out.get(before) instanceof HttpRequest request
                    && LastHttpContent.EMPTY_LAST_CONTENT.equals(out.getLast())
                    && !buffer.isReadable()
                ? request
                : null;
      }
    }
  }

  /** Two ways to say how long a body is are a way to smuggle a request past a proxy: refused. */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("Both Transfer-Encoding and Content-Length");
  }
}
