package dev.halley.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Takes apart what comes on sockets that have no channel: whole requests only, by one {@link
 * RequestDecoder} for all of an event loop. Used on that loop.
 */
final class HeadDecoder {
  private final HttpDecoderConfig config;
  private final RecentHeads recent;
  private @Nullable EmbeddedChannel channel;

  HeadDecoder(HttpDecoderConfig config, RecentHeads recent) {
    this.config = config;
    this.recent = recent;
  }

  /**
   * The request that these bytes are; null if they aren't one, whole, without a body and with
   * nothing behind it. They stay the caller's, and nothing keeps them.
   */
  @Nullable HttpRequest decode(ByteBuf bytes) {
    if (!RecentHeads.isHead(bytes)) {
      return null;
    }
    if (RecentHeads.isCandidate(bytes)) {
      HttpRequest known = recent.find(bytes, RecentHeads.hash(bytes));
      if (known != null) {
        return known;
      }
    }
    EmbeddedChannel decoding =
        channel == null ? new EmbeddedChannel(new RequestDecoder(config, recent)) : channel;
    channel = null; // nothing of an unusual one may stay for the next
    try {
      decoding.writeInbound(bytes.retainedDuplicate());
      // Looked at before they are taken out: what a body has keeps the bytes.
      Queue<Object> messages = decoding.inboundMessages();
      if (HttpLoop.isIdle(decoding.pipeline())
          && messages.size() == 2
          && messages.peek() instanceof HttpRequest request
          && request.decoderResult().isSuccess()
          && messages.contains(LastHttpContent.EMPTY_LAST_CONTENT)) {
        messages.clear();
        channel = decoding;
        return request;
      }
      return null;
    } finally {
      if (channel == null) {
        decoding.finishAndReleaseAll();
      }
    }
  }

  /** Lets go of what it holds besides memory. */
  void close() {
    if (channel != null) {
      channel.finishAndReleaseAll();
    }
  }
}
