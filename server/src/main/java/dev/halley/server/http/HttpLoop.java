package dev.halley.server.http;

import dev.halley.server.ServerConfig;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.Connection;
import dev.halley.server.connection.SocketUser;
import dev.halley.server.hub.HubShard;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the HTTP/1.1 connections of one event loop share. Used on that loop. */
final class HttpLoop {
  private static final String DECODER = "http";

  private final HttpRouter router;
  private final ServerConfig config;
  private final HubShard shard;
  private final HttpDecoderConfig decoderConfig;
  private final RecentHeads recentHeads = new RecentHeads();
  private final HeadDecoder heads;

  HttpLoop(HttpRouter router, ServerConfig config, HubShard shard) {
    this.router = router;
    this.config = config;
    this.shard = shard;
    this.decoderConfig =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(config.limits().requestHead())
            .setMaxHeaderSize(config.limits().requestHead())
            .setInitialBufferSize(128);
    this.heads = new HeadDecoder(decoderConfig, recentHeads);
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

  /** When a connection that was answered is looked at: its client may be gone. */
  long firstLookNanos() {
    return Math.min(config.timing().keepAlive().toNanos(), config.timing().heartbeat().toNanos());
  }

  /** Gives a connection its handlers. */
  void begin(ChannelPipeline pipeline) {
    RequestDecoder decoder = new RequestDecoder(decoderConfig, recentHeads);
    add(pipeline, decoder, new HttpHandler(this, decoder));
  }

  /** Has the connection's bytes taken apart no more; what isn't yet goes to the last handler. */
  static void removeDecoder(ChannelPipeline pipeline) {
    pipeline.remove(DECODER);
  }

  private static void add(ChannelPipeline pipeline, RequestDecoder decoder, HttpHandler handler) {
    pipeline.addLast(DECODER, decoder).addLast(handler);
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
        .flatMap(
            channel -> {
              try {
                RequestDecoder decoder = new RequestDecoder(decoderConfig, recentHeads);
                HttpHandler handler = new HttpHandler(this, decoder, from);
                add(channel.pipeline(), decoder, handler);
                return Optional.of(handler);
              } catch (Throwable e) {
                router.metrics().connectionFailed(e);
                channel.close();
                return Optional.empty();
              }
            });
  }

  /**
   * The request that these bytes are, if they are one that needs no more than an answer. They stay
   * the caller's.
   */
  @Nullable HttpRequest decodeWhole(ByteBuf bytes) {
    HttpRequest request = heads.decode(bytes);
    return request == null
            || RequestRules.problem(request).isPresent()
            || HttpUtil.is100ContinueExpected(request)
        ? null
        : request;
  }

  /** Lets go of what it holds besides memory; the loop has ended. */
  void close() {
    heads.close();
  }
}
