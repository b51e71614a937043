package dev.halley.server.tls;

import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import dev.halley.server.connection.Tcp;
import dev.halley.server.hub.TimerWheel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection until its TLS handshake is over; then it makes way for the protocol that was
 * agreed on. Used on its event loop.
 */
public final class TlsFront extends ChannelInboundHandlerAdapter implements TimerWheel.Task {
  private final ServerMetrics metrics;
  private final TimerWheel timers;
  private final Consumer<ChannelPipeline> http1;
  private final Consumer<ChannelPipeline> http2;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private @Nullable ChannelHandlerContext context;
  private boolean failed;

  private TlsFront(
      ServerMetrics metrics,
      TimerWheel timers,
      Consumer<ChannelPipeline> http1,
      Consumer<ChannelPipeline> http2) {
    this.metrics = metrics;
    this.timers = timers;
    this.http1 = http1;
    this.http2 = http2;
  }

  /**
   * Puts TLS at the head of a pipeline.
   *
   * @param longestNanos how long the handshake may take
   * @param http1 adds what follows if HTTP/1.1 is agreed on, or nothing
   * @param http2 adds what follows if HTTP/2 is
   */
  public static void begin(
      ChannelPipeline pipeline,
      Certificates certificates,
      ServerMetrics metrics,
      TimerWheel timers,
      long longestNanos,
      Consumer<ChannelPipeline> http1,
      Consumer<ChannelPipeline> http2) {
    SslHandler tls = certificates.context().newHandler(pipeline.channel().alloc());
    tls.setHandshakeTimeoutMillis(0); // the timer is ours
    TlsFront front = new TlsFront(metrics, timers, http1, http2);
    timers.set(front.timer, longestNanos);
    pipeline.addLast(Tcp.TLS, tls).addLast(front);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timers.cancel(timer);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion) {
      if (completion.isSuccess()) {
        succeed(ctx);
      } else {
        fail(ctx);
      }
    }
  }

  /** Closing is a failure of the handshake, too. */
  private void fail(ChannelHandlerContext ctx) {
    if (!failed) {
      failed = true;
      metrics.tlsFailures().increment();
      ctx.close();
    }
  }

  private void succeed(ChannelHandlerContext ctx) {
    ChannelPipeline pipeline = ctx.pipeline();
    String agreed = ((SslHandler) pipeline.get(Tcp.TLS)).applicationProtocol();
    boolean second = ApplicationProtocolNames.HTTP_2.equals(agreed);
    (second ? http2 : http1).accept(pipeline);
    pipeline.remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The handshake's failure has been counted; a reset by the peer needs no word.
    if (cause instanceof Error) {
      metrics.connectionFailed(cause);
    }
    Tcp.cut(ctx.channel());
  }

  @Override
  public void onDeadline(long nanoTime) {
    metrics.exceed(Limit.HANDSHAKE_TIMEOUT);
    fail(Objects.requireNonNull(context));
  }

  @Override
  public void onLateDeadline(long nanoTime) {
    timers.set(timer, TimerWheel.SECOND_CHANCE_NANOS);
  }

  @Override
  public void abort() {
    Tcp.cut(Objects.requireNonNull(context).channel());
  }

  @Override
  public void onDrain() {
    Objects.requireNonNull(context).close();
  }
}
