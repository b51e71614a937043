package dev.halley.server.connection;

import dev.halley.server.meter.ConnectionEvent;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Gives streams their connections. One for all of a server.
 *
 * <p>A stream begins on the Netty channel that carried its request. Where that is a bare socket on
 * epoll, with no TLS and no HTTP/2 in its pipeline, the socket is taken out of the channel as soon
 * as the answer's head has left, and the channel is garbage: a stream lives long, and idle ones are
 * what memory goes to.
 */
public final class StreamConnections implements AutoCloseable {
  /** On a channel whose end is to be recorded. */
  public static final AttributeKey<ConnectionEvent> EVENT =
      AttributeKey.valueOf("dev.halley.Connection");

  private final ByteBufAllocator allocator;
  private final int mostPendingBytes;
  private final Consumer<InetSocketAddress> leaving;
  private final Map<IoEventLoop, EpollLoop> loops = new ConcurrentHashMap<>();

  /**
   * @param mostPendingBytes what may wait for a peer; with more its connection isn't writable
   * @param leaving is told when a connection ends whose channel is no more; on its event loop
   */
  public StreamConnections(
      ByteBufAllocator allocator, int mostPendingBytes, Consumer<InetSocketAddress> leaving) {
    this.allocator = allocator;
    this.mostPendingBytes = mostPendingBytes;
    this.leaving = leaving;
  }

  /**
   * Opens the stream as the last handler of a pipeline. The caller takes its own handlers out and
   * then calls {@link #settle}.
   */
  public PipelineConnection open(ChannelPipeline pipeline, StreamHandler stream) {
    PipelineConnection connection = new PipelineConnection(stream);
    pipeline.addLast(connection);
    return connection;
  }

  /** Takes the socket out of the channel, if nothing but the stream is in the pipeline. */
  public void settle(PipelineConnection connection) {
    Channel channel = connection.channel();
    if (channel instanceof EpollSocketChannel
        && channel.pipeline().first() == connection
        && channel.eventLoop() instanceof IoEventLoop loop) {
      connection.whenFlushed(() -> takeOver(connection, channel, loop));
    }
  }

  private void takeOver(PipelineConnection connection, Channel channel, IoEventLoop loop) {
    channel
        .deregister()
        .addListener(
            done -> {
              if (channel.isOpen() && done.isSuccess() && connection.pendingBytes() == 0) {
                move(connection, (EpollSocketChannel) channel, loop);
              } else {
                giveBack(connection, channel);
              }
            });
  }

  /** All is as it was, but that something may have been missed meanwhile. */
  private static void giveBack(PipelineConnection connection, Channel channel) {
    // The pipeline of a channel that closes while it isn't registered isn't told. And not at once:
    // a fan-out that is under way must not see its subscribers leave.
    channel.closeFuture().addListener(closed -> channel.eventLoop().execute(connection::finish));
    if (channel.isOpen()) {
      // What is pending was waiting for an event that will not come any more.
      channel.eventLoop().register(channel).addListener(again -> channel.flush());
    }
  }

  private void move(PipelineConnection from, EpollSocketChannel channel, IoEventLoop loop) {
    EpollConnection to =
        new EpollConnection(
            channel.fd().intValue(),
            loops.computeIfAbsent(loop, this::newLoop),
            from,
            channel.hasAttr(EVENT) ? channel.attr(EVENT).get() : null);
    boolean reading = channel.config().isAutoRead();
    from.stream().use(to);
    loop.register(to)
        .addListener(
            registered -> {
              if (registered.isSuccess()) {
                to.begin((IoRegistration) registered.getNow(), reading);
              } else {
                from.stream().onFailure(registered.cause());
                to.close();
              }
            });
  }

  private EpollLoop newLoop(IoEventLoop loop) {
    return new EpollLoop(loop, allocator, mostPendingBytes, leaving);
  }

  /** Releases what the loops share; they have ended. */
  @Override
  public void close() {
    loops.values().forEach(EpollLoop::release);
  }
}
