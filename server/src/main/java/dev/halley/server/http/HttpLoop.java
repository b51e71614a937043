package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.Connection;
import dev.halley.server.connection.SocketUser;
import dev.halley.server.hub.HubShard;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What the HTTP/1.1 connections of one event loop share. Used on that loop. */
final class HttpLoop {
  private static final String DECODER = "http";

  private final HttpRouter router;
  private final ServerConfig config;
  private final HubShard shard;
  private final HttpDecoderConfig decoderConfig;
  private final RecentHeads recentHeads = new RecentHeads();

  /** Takes apart what comes on sockets that have no channel, one whole request at a time. */
  private @Nullable EmbeddedChannel decoding;

  HttpLoop(HttpRouter router, ServerConfig config, HubShard shard) {
    this.router = router;
    this.config = config;
    this.shard = shard;
    this.decoderConfig =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(config.limits().requestHead())
            .setMaxHeaderSize(config.limits().requestHead())
            .setInitialBufferSize(128);
  }

  HttpRouter router() {
    return router;
  }

  ServerConfig config() {
    return config;
  }

  HubShard shard() {
    return shard;
  }

  /** Gives a connection its handlers. */
  void begin(ChannelPipeline pipeline) {
    add(pipeline, new HttpHandler(this));
  }

  /** Has the connection's bytes taken apart no more; what isn't yet goes to the last handler. */
  static void removeDecoder(ChannelPipeline pipeline) {
    pipeline.remove(DECODER);
  }

  private void add(ChannelPipeline pipeline, HttpHandler handler) {
    pipeline.addLast(DECODER, newDecoder()).addLast(handler);
  }

  private RequestDecoder newDecoder() {
    return new RequestDecoder(decoderConfig, recentHeads);
  }

  // ---- without a channel ----

  /**
   * Takes the socket out of its channel, if it is a bare one on epoll, and {@code user} still wants
   * that when it can be.
   */
  void takeOut(Channel channel, SocketUser user) {
    if (channel instanceof EpollSocketChannel
        && channel.pipeline().first() instanceof RequestDecoder
        && !Client.isAnnouncedOn(channel)) {
      router.streams().takeOut(channel, user);
    }
  }

  /** Whether a channel's decoder has nothing that it began and hasn't handed on. */
  static boolean isIdle(ChannelPipeline pipeline) {
    return pipeline.first() instanceof RequestDecoder decoder && decoder.isIdle();
  }

  /**
   * Puts the socket of a connection back into a channel, where all of HTTP is understood.
   *
   * @return what goes on there with what was under way; none if the connection is closed already,
   *     or becomes so
   */
  Optional<HttpHandler> putBack(Connection connection, HttpHandover from) {
    return router
        .streams()
        .putBack(connection)
        .map(
            channel -> {
              HttpHandler handler = new HttpHandler(this, from);
              add(channel.pipeline(), handler);
              return handler;
            });
  }

  /**
   * The request that these bytes are, if they are one that needs no more than an answer, whole,
   * without a body and with nothing behind it. They stay the caller's.
   */
  @Nullable HttpRequest decodeWhole(ByteBuf bytes) {
    if (!RecentHeads.isHead(bytes)) {
      return null;
    }
    HttpRequest request = null;
    if (bytes.readableBytes() <= RecentHeads.LONGEST) {
      request = recentHeads.find(bytes, RecentHeads.hash(bytes));
    }
    if (request == null) {
      request = decode(bytes);
    }
    return request == null
            || RequestRules.problem(request).isPresent()
            || HttpUtil.is100ContinueExpected(request)
        ? null
        : request;
  }

  private @Nullable HttpRequest decode(ByteBuf bytes) {
    EmbeddedChannel channel = decoding;
    if (channel == null) {
      channel = new EmbeddedChannel(newDecoder());
    }
    decoding = null; // nothing of an unusual one may stay for the next
    try {
      channel.writeInbound(bytes.retainedDuplicate());
      // Looked at before they are taken out: what a body has keeps the bytes.
      Queue<Object> messages = channel.inboundMessages();
      if (isIdle(channel.pipeline())
          && messages.size() == 2
          && messages.peek() instanceof HttpRequest request
          && request.decoderResult().isSuccess()
          && messages.contains(LastHttpContent.EMPTY_LAST_CONTENT)) {
        messages.clear();
        decoding = channel;
        return request;
      }
      return null;
    } finally {
      if (decoding == null) {
        channel.finishAndReleaseAll();
      }
    }
  }

  /** Lets go of what it holds besides memory; the loop has ended. */
  void close() {
    if (decoding != null) {
      decoding.finishAndReleaseAll();
    }
  }
}
