package dev.halley.inspector.proxy;

import dev.halley.inspector.TapConfig;
import dev.halley.inspector.TapEvent;
import dev.halley.inspector.dissect.Conversation;
import dev.halley.inspector.dissect.Options;
import dev.halley.inspector.dissect.WireFactory;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Listens, and makes a pair of connections of each that comes; both live on one event loop. */
public final class Proxy implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;

  /** As much may wait in one direction before its sender is no longer read from. */
  private static final WriteBufferWaterMark MOST_PENDING =
      new WriteBufferWaterMark(256 << 10, 1 << 20);

  private final TapConfig config;
  private final Options options;
  private final Consumer<TapEvent> sink;
  private final WireFactory wires;
  private final InstantSource clock;
  private final @Nullable ServerTls tls;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          new DefaultThreadFactory("halley-tap", true), NioIoHandler.newFactory());
  private final AtomicLong connections = new AtomicLong();
  private final LongAdder bytes = new LongAdder();
  private @Nullable Channel listener;

  private Proxy(
      TapConfig config,
      Options options,
      Consumer<TapEvent> sink,
      WireFactory wires,
      InstantSource clock)
      throws IOException {
    this.config = config;
    this.options = options;
    this.sink = sink;
    this.wires = wires;
    this.clock = clock;
    tls = config.tls() ? ServerTls.of(config) : null;
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the port can't be had
   */
  public static Proxy start(
      TapConfig config,
      Options options,
      Consumer<TapEvent> sink,
      WireFactory wires,
      InstantSource clock)
      throws IOException {
    Proxy proxy = new Proxy(config, options, sink, wires, clock);
    try {
      proxy.listen();
      return proxy;
    } catch (IOException e) {
      proxy.close();
      throw e;
    }
  }

  private void listen() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, MOST_PENDING)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    connect(client);
                  }
                })
            .bind(config.listen())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause());
    }
    listener = bound.channel();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    Channel bound = listener;
    if (bound == null) {
      throw new IllegalStateException("not started");
    }
    return (InetSocketAddress) bound.localAddress();
  }

  /** How many bytes have passed. */
  public long bytes() {
    return bytes.sum();
  }

  @Override
  public void close() {
    if (listener != null) {
      listener.close().awaitUninterruptibly();
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void connect(SocketChannel client) {
    if (client.remoteAddress() == null) {
      client.close(); // gone already
      return;
    }
    long id = connections.incrementAndGet();
    Conversation conversation =
        new Conversation(
            id, options, sink, wires.open(id, client.remoteAddress(), client.localAddress()));
    conversation.opened(
        name(client.remoteAddress()), config.targetHost() + ":" + config.targetPort(), micros());
    PipePair pair =
        new PipePair(conversation, client, Optional.ofNullable(tls), bytes, this::micros);
    client.pipeline().addLast(pair.fromClient());
    new Bootstrap()
        .group(client.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MOST_PENDING)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel server) {
                server.pipeline().addLast(pair.fromServer(server));
              }
            })
        .connect(config.targetHost(), config.targetPort())
        .addListener((ChannelFuture connected) -> pair.connected(connected.cause()));
  }

  /** From what an idle connection needs up to what a busy one can use. */
  private static AdaptiveRecvByteBufAllocator readSizes() {
    return new AdaptiveRecvByteBufAllocator(512, 4 << 10, 128 << 10);
  }

  private static String name(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private long micros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
