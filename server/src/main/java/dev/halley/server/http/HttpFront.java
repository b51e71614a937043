package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.app.Application;
import dev.halley.server.connection.Client;
import dev.halley.server.connection.StreamConnections;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.hub.HubShard;
import dev.halley.server.hub.ListeningMemory;
import dev.halley.server.meter.ConnectionEvent;
import dev.halley.server.meter.FlightEvents;
import dev.halley.server.tls.Certificates;
import dev.halley.server.tls.TlsFront;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives each accepted connection its handlers, and counts connections. Called on their event loops.
 */
@Sharable
public final class HttpFront extends ChannelInitializer<Channel> {
  private static final byte[] TOO_MANY =
      """
      HTTP/1.1 503 Service Unavailable\r
      X-Content-Type-Options: nosniff\r
      Retry-After: 5\r
      Connection: close\r
      Content-Type: application/json\r
      Cache-Control: no-store\r
      Access-Control-Allow-Origin: *\r
      Access-Control-Expose-Headers: Retry-After\r
      Content-Length: 66\r
      \r
      {"error":{"code":503,"message":"There are too many connections"}}
      """
          .getBytes(US_ASCII);

  private final ServerConfig config;
  private final Hub hub;
  private final ServerMetrics metrics;
  private final StreamConnections streams;
  private final HttpRouter router;
  private final Optional<Certificates> certificates;
  private final Map<HubShard, HttpLoop> loops = new ConcurrentHashMap<>();
  private final Clients clients;
  private final AddressCounts perAddress;
  private final StreamCounts streamCounts;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();

  /** One for all: the channel itself knows the address. */
  private final ChannelFutureListener leaving = closed -> leave(addressOf(closed.channel()));

  /** What one connection takes, roughly. */
  private final int bytesOfConnection;

  private int connections;

  /**
   * For all connections of one server.
   *
   * @param certificates if it speaks TLS
   */
  public HttpFront(
      ServerConfig config,
      Hub hub,
      ServerMetrics metrics,
      Application application,
      Admission admission,
      Optional<Certificates> certificates) {
    this.certificates = certificates;
    this.bytesOfConnection =
        certificates.isPresent() ? ListeningMemory.TLS_CONNECTION : ListeningMemory.CONNECTION;
    this.config = config;
    this.hub = hub;
    this.metrics = metrics;
    this.streams =
        new StreamConnections(
            hub.allocator(),
            config.limits().pendingBytes(),
            address -> leave(address.getAddress()));
    this.clients = new Clients(config.proxyTrust());
    this.perAddress =
        new AddressCounts(config.proxyTrust(), config.limits().connectionsPerAddress());
    this.streamCounts =
        new StreamCounts(config.limits().connections(), this::connections, clients, perAddress);
    this.router =
        new HttpRouter(
            config,
            hub,
            metrics,
            application,
            admission,
            streams,
            clients,
            perAddress,
            streamCounts);
  }

  /** From here on the server says that it isn't ready, and each answer that it is the last. */
  public void notReady() {
    router.notReady();
  }

  /** From here on the server says that it isn't alive either. */
  public void notAlive() {
    router.notAlive();
  }

  /** Lets go of what it holds besides memory; after the last connection. */
  public void close() {
    router.close();
    loops.values().forEach(HttpLoop::close);
    streams.close();
  }

  /** How many there are now. */
  public int connections() {
    lock.lock();
    try {
      return connections;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is no connection any more, or the time is over. */
  public void awaitEmpty(Duration longest) {
    long left = longest.toNanos();
    lock.lock();
    try {
      while (connections > 0 && left > 0) {
        left = empty.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    metrics.connectionFailed(cause);
    ctx.close();
  }

  @Override
  protected void initChannel(Channel channel) {
    streams.configure(channel);
    InetAddress address = addressOf(channel);
    Optional<Limit> crossed = admit(address);
    if (crossed.isPresent()) {
      refuse(channel, crossed.get());
      return;
    }
    try {
      channel.closeFuture().addListener(leaving);
    } catch (Throwable e) {
      leave(address);
      throw e;
    }
    metrics.connectionsAccepted().increment();
    record(channel);
    if (clients.isAnnounced(address)) {
      ProxyHeader.begin(
          channel.pipeline(),
          shardOf(channel.pipeline()).timers(),
          config.timing().handshake().toNanos(),
          client -> admitClient(channel, client),
          metrics);
    } else {
      begin(channel);
    }
  }

  private void refuse(Channel channel, Limit crossed) {
    metrics.connectionsRefused().increment();
    metrics.exceed(crossed);
    if (certificates.isPresent()) {
      channel.close(); // a handshake only to say no would cost more than it says
    } else {
      channel
          .writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** A proxy's connection, which is exempt from the bound, turns out to be a client's. */
  private void admitClient(Channel channel, Client client) {
    if (perAddress.enter(client.address().getAddress())) {
      client.announceOn(channel);
      begin(channel);
    } else {
      refuse(channel, Limit.CONNECTIONS_PER_ADDRESS);
    }
  }

  private void begin(Channel channel) {
    if (certificates.isEmpty()) {
      addHttp1(channel.pipeline());
    } else {
      TlsFront.begin(
          channel.pipeline(),
          certificates.get(),
          metrics,
          shardOf(channel.pipeline()).timers(),
          config.timing().handshake().toNanos(),
          this::addHttp1,
          this::addHttp2);
    }
  }

  private void addHttp1(ChannelPipeline pipeline) {
    loops
        .computeIfAbsent(shardOf(pipeline), shard -> new HttpLoop(router, config, shard))
        .begin(pipeline);
  }

  private void addHttp2(ChannelPipeline pipeline) {
    Http2Session.begin(pipeline, router, config, shardOf(pipeline));
  }

  private HubShard shardOf(ChannelPipeline pipeline) {
    return hub.shard(pipeline.channel().eventLoop());
  }

  private static void record(Channel channel) {
    ConnectionEvent event = FlightEvents.connection();
    if (event != null) {
      StreamConnections.recordEnd(channel, event);
    }
  }

  private static InetAddress addressOf(Channel channel) {
    return Client.of(channel).address().getAddress();
  }

  /** Counts one more, or says what stands against it. */
  private Optional<Limit> admit(InetAddress address) {
    lock.lock();
    try {
      if (connections + streamCounts.count() >= config.limits().connections()) {
        return Optional.of(Limit.CONNECTIONS);
      }
      if (!hub.listening().tryTake(bytesOfConnection)) {
        return Optional.of(Limit.LISTENING_BYTES);
      }
      if (!perAddress.enter(address)) {
        hub.listening().giveBack(bytesOfConnection);
        return Optional.of(Limit.CONNECTIONS_PER_ADDRESS);
      }
      connections++;
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void leave(InetAddress address) {
    lock.lock();
    try {
      perAddress.leave(address);
      hub.listening().giveBack(bytesOfConnection);
      if (--connections == 0) {
        empty.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
