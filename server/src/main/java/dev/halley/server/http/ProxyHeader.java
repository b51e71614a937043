package dev.halley.server.http;

import dev.halley.server.AddressRange;
import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import dev.halley.server.connection.Client;
import dev.halley.server.hub.TimerWheel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the header of the PROXY protocol, with which a proxy says whose connection this is.
 * Nothing else may come first: whoever guesses whether it is there can be lied to (section 2 of the
 * protocol's specification). Used on the connection's event loop.
 */
final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage>
    implements TimerWheel.Task {
  /** What proxies add of TLS and of themselves is short. */
  private static final int MOST_ADDITIONS = 1024;

  /** The client uses TLS, according to the proxy (section 2.2.6). */
  private static final int CLIENT_SSL = 0x01;

  private final TimerWheel timers;
  private final Consumer<Client> next;
  private final ServerMetrics metrics;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private @Nullable ChannelHandlerContext context;
  private boolean over;

  private ProxyHeader(TimerWheel timers, Consumer<Client> next, ServerMetrics metrics) {
    this.timers = timers;
    this.next = next;
    this.metrics = metrics;
  }

  /**
   * Puts it at the head of a pipeline.
   *
   * @param longestNanos how long the header may take
   * @param next adds what follows once it is known who the client is
   * @param metrics count it if another thing comes, or nothing
   */
  static void begin(
      ChannelPipeline pipeline,
      TimerWheel timers,
      long longestNanos,
      Consumer<Client> next,
      ServerMetrics metrics) {
    ProxyHeader header = new ProxyHeader(timers, next, metrics);
    timers.set(header.timer, longestNanos);
    pipeline.addLast(new HAProxyMessageDecoder(MOST_ADDITIONS)).addLast(header);
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
  protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage message) {
    over = true;
    next.accept(clientOf(message, (InetSocketAddress) ctx.channel().remoteAddress()));
    ctx.pipeline().remove(this);
  }

  /** A proxy that looks whether we are well speaks for itself (LOCAL). */
  private static Client clientOf(HAProxyMessage message, InetSocketAddress proxy) {
    if (message.command() == HAProxyCommand.LOCAL) {
      return Client.atTheOtherEnd(proxy);
    }
    InetSocketAddress address =
        Optional.ofNullable(message.sourceAddress())
            .flatMap(AddressRange::address)
            .map(it -> new InetSocketAddress(it, message.sourcePort()))
            .orElse(proxy); // UNKNOWN, or a socket that has no address
    Optional<Boolean> isSecure =
        message.tlvs().stream()
            .filter(HAProxySSLTLV.class::isInstance)
            .map(tlv -> (((HAProxySSLTLV) tlv).client() & CLIENT_SSL) != 0)
            .findFirst();
    return new Client(address, true, isSecure);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx);
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
    Objects.requireNonNull(context).close();
  }

  @Override
  public void onDrain() {
    over = true;
    Objects.requireNonNull(context).close();
  }

  private void fail(ChannelHandlerContext ctx) {
    if (!over) {
      over = true;
      metrics.proxyHeaderFailures().increment();
      ctx.close();
    }
  }
}
