package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.connection.Tcp;
import dev.halley.server.connection.TcpState;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.TimerWheel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/2 (RFC 9113): its bounds, and what its streams share. Each stream is a
 * channel of its own that begins as an {@link Http2Request}. Used on the connection's event loop.
 */
final class Http2Session extends ChannelInboundHandlerAdapter implements TimerWheel.Task {
  private static final int EMPTY_DATA_FRAMES = 2;
  private static final int SMALL_CONTINUATIONS = 16;

  /** What all streams of a connection have in memory, besides the bounds of each: once per this. */
  private static final int STREAMS_PER_PENDING_BYTES = 4;

  private final HttpRouter router;
  private final ServerConfig config;
  private final HubShard shard;
  private final boolean secure;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private final ChannelFutureListener leaving = closed -> leave();
  private final Http2FrameCodec codec;
  private @Nullable ChannelHandlerContext context;
  private int streams;
  private boolean anyStream;
  private long held;

  /** When the last frame came. */
  private long heardNanos;

  private Http2Session(HttpRouter router, ServerConfig config, HubShard shard, boolean secure) {
    this.router = router;
    this.config = config;
    this.shard = shard;
    this.secure = secure;
    this.codec = newCodec();
  }

  /** Adds the handlers of a connection; the client's preface is what they read first. */
  static void begin(
      ChannelPipeline pipeline, HttpRouter router, ServerConfig config, HubShard shard) {
    Http2Session session = new Http2Session(router, config, shard, Tcp.isEncrypted(pipeline));
    pipeline.addLast(session.codec);
    pipeline.addLast(
        new Http2MultiplexHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                session.enter(stream);
              }
            }));
    pipeline.addLast(session);
  }

  private Http2FrameCodec newCodec() {
    int controlFrames = config.http2().controlFrames();
    HttpError tooLarge = RequestRules.malformed(new TooLongHttpHeaderException());
    return new Http2CodecBuilder(
            router.fieldsOf(tooLarge, null, secure), () -> heardNanos = shard.timers().nanoTime())
        .initialSettings(
            Http2Settings.defaultSettings()
                .maxConcurrentStreams(config.http2().streams())
                .maxHeaderListSize(config.limits().requestHead())
                .connectProtocolEnabled(true))
        .validateRequiredPseudoHeaders(true)
        .decoderEnforceMaxRstFramesPerWindow(controlFrames, Http2FrameCounter.WINDOW_SECONDS)
        .encoderEnforceMaxRstFramesPerWindow(controlFrames, Http2FrameCounter.WINDOW_SECONDS)
        .encoderEnforceMaxQueuedControlFrames(controlFrames)
        .decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_DATA_FRAMES)
        .decoderEnforceMaxSmallContinuationFrames(SMALL_CONTINUATIONS)
        .gracefulShutdownTimeoutMillis(config.timing().drain().toMillis())
        .frameLogger(
            new Http2FrameCounter(
                router.metrics(),
                controlFrames,
                shard.timers()::nanoTime,
                this::calmDown,
                this::refuseOrder))
        .build();
  }

  // ---- for the streams ----

  HttpRouter router() {
    return router;
  }

  ServerConfig config() {
    return config;
  }

  HubShard shard() {
    return shard;
  }

  /** Whether it is encrypted. */
  boolean isSecure() {
    return secure;
  }

  /**
   * Whether the bodies and answers that this connection has in memory are as many as one request
   * may have.
   */
  boolean isFull() {
    return held > config.limits().requestBody();
  }

  /** Counts bytes of bodies and answers, or, if it is negative, no more. */
  void hold(long bytes) {
    held += bytes;
  }

  private void enter(Channel stream) {
    if (streams++ == 0) {
      shard.timers().set(timer, config.timing().heartbeat().toNanos());
    }
    anyStream = true;
    stream.closeFuture().addListener(leaving);
    int pending = Math.max(config.limits().pendingBytes() / STREAMS_PER_PENDING_BYTES, 2);
    stream
        .config()
        .setAllocator(context().alloc())
        .setWriteBufferWaterMark(new WriteBufferWaterMark(pending / 2, pending));
    stream.pipeline().addLast(new Http2Request(this));
  }

  private void leave() {
    if (--streams == 0) {
      shard.timers().set(timer, config.timing().keepAlive().toNanos());
    }
  }

  // ---- the connection ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Http2Exception {
    context = ctx;
    heardNanos = shard.timers().nanoTime();
    shard.timers().set(timer, config.timing().handshake().toNanos());
    metrics().http2Connections().increment();
    codec
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onGoAwaySent(int lastStream, long error, ByteBuf text) {
                countEnd(error);
              }
            });
    // Room for each stream's window: one that isn't read holds up only itself.
    long room = (long) config.http2().streams() * Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    long more = Math.min(room, Integer.MAX_VALUE) - Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    codec
        .connection()
        .local()
        .flowController()
        .incrementWindowSize(codec.connection().connectionStream(), (int) more);
    ctx.flush();
  }

  private void countEnd(long error) {
    if (error == Http2Error.ENHANCE_YOUR_CALM.code()) {
      metrics().http2Floods().increment();
      metrics().exceed(Limit.HTTP2_CONTROL_FRAMES);
    } else if (error != Http2Error.NO_ERROR.code()) {
      metrics().http2Errors().increment();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message); // frames of the connection, which say nothing to us
  }

  private void calmDown() {
    codec.onError(
        context().pipeline().context(codec),
        false,
        Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM, "Too many frames that carry nothing"));
  }

  private void refuseOrder() {
    codec.onError(
        context().pipeline().context(codec),
        false,
        Http2Exception.connectionError(
            Http2Error.PROTOCOL_ERROR, "A new stream's identifier is greater than all before"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The codec answers what is wrong with the protocol by itself, and it is counted then.
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      metrics().connectionFailed(cause);
      Tcp.cut(ctx.channel());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    shard.timers().cancel(timer);
  }

  @Override
  public void onDeadline(long nanoTime) {
    if (streams == 0) {
      metrics().exceed(anyStream ? Limit.KEEP_ALIVE_TIMEOUT : Limit.HANDSHAKE_TIMEOUT);
      context().close();
    } else {
      askWhetherItIsThere(nanoTime);
    }
  }

  @Override
  public void onLateDeadline(long nanoTime) {
    if (streams == 0) {
      shard.timers().set(timer, TimerWheel.SECOND_CHANCE_NANOS);
    } else {
      askWhetherItIsThere(nanoTime);
    }
  }

  /**
   * A client with streams that says nothing for the time of a heartbeat is sent a PING (RFC 9113
   * section 6.7); one that doesn't answer for too long is gone. While it doesn't take what it is
   * sent it can't answer, either: then only its machine is asked.
   */
  private void askWhetherItIsThere(long nanoTime) {
    long heartbeat = config.timing().heartbeat().toNanos();
    long silence = config.timing().silence().toNanos();
    boolean writable = context().channel().isWritable();
    long silent =
        writable
            ? nanoTime - heardNanos
            : TcpState.of(context().channel()).map(TcpState::unansweredNanos).orElse(0L);
    if (silent >= silence) {
      metrics().silent().increment();
      metrics().exceed(Limit.SILENCE_TIMEOUT);
      context().channel().close(); // not by the codec, which would wait for the streams
      return;
    }
    if (writable && silent >= heartbeat) {
      context().writeAndFlush(new DefaultHttp2PingFrame(0));
    }
    shard.timers().set(timer, Math.min(heartbeat, Math.max(silence - silent, 0)));
  }

  /**
   * Tells the client to make its next requests elsewhere; those that are on the way are answered
   * (RFC 9113 section 6.8).
   */
  void announceEnd() {
    if (!codec.connection().goAwaySent()) {
      sendGoAway(Integer.MAX_VALUE);
    }
  }

  @Override
  public void abort() {
    Tcp.cut(context().channel());
  }

  @Override
  public void onDrain() {
    sendGoAway(0);
    context().close(); // when the last stream has ended
  }

  /** The codec adds them to the streams that there are. */
  private void sendGoAway(int furtherStreams) {
    DefaultHttp2GoAwayFrame goAway = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
    goAway.setExtraStreamIds(furtherStreams);
    context().writeAndFlush(goAway);
  }

  private ServerMetrics metrics() {
    return router.metrics();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }
}
