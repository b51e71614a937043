package dev.halley.server.connection;

import dev.halley.server.meter.ConnectionEvent;
import dev.halley.server.meter.Via;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Gives streams their connections, and takes them back. One for all of a server.
 *
 * <p>A stream begins on the Netty channel that carried its request. Where that is a bare socket on
 * epoll, with no TLS and no HTTP/2 in its pipeline, the socket is taken out of the channel as soon
 * as the answer's head has left, and the channel is garbage: a stream lives long, and idle ones are
 * what memory goes to.
 */
public final class StreamConnections implements AutoCloseable {
  /** On a channel whose end is to be recorded. */
  private static final AttributeKey<ConnectionEvent> EVENT =
      AttributeKey.valueOf("dev.halley.Connection");

  private final ByteBufAllocator allocator;
  private final int mostPendingBytes;
  private final ReadSizes readSizes = new ReadSizes();
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
    if (channel instanceof EpollSocketChannel && channel.pipeline().first() == connection) {
      connection.whenFlushed(() -> takeOut(channel, connection));
    }
  }

  /**
   * Takes the socket out of a channel on epoll, if its user still wants that when the channel is
   * out of the loop. Nothing comes from the peer meanwhile.
   */
  public void takeOut(Channel channel, SocketUser user) {
    channel
        .deregister()
        .addListener(
            done -> {
              Optional<StreamHandler> stream;
              try {
                stream =
                    channel.isOpen() && done.isSuccess() ? user.leaveChannel() : Optional.empty();
              } catch (Throwable e) {
                channel.pipeline().fireExceptionCaught(e);
                stream = Optional.empty();
              }
              if (stream.isPresent()) {
                move((EpollSocketChannel) channel, stream.get(), user.writtenBytes());
              } else {
                leaveInPlace(channel, user);
              }
            });
  }

  /** All is as it was, but that something may have been missed meanwhile. */
  private static void leaveInPlace(Channel channel, SocketUser user) {
    EventLoop loop = channel.eventLoop();
    // The pipeline of a channel that closes while it isn't registered isn't told. And not at once:
    // a fan-out that is under way must not see its subscribers leave.
    Runnable tell = () -> loop.execute(user::onChannelClosed);
    if (!channel.isOpen()) {
      tell.run();
      return;
    }
    loop.register(channel)
        .addListener(
            again -> {
              if (again.isSuccess()) {
                // What is pending was waiting for an event that will not come any more.
                channel.flush();
              } else {
                tell.run();
              }
            });
  }

  private void move(EpollSocketChannel channel, StreamHandler stream, long written) {
    IoEventLoop loop = (IoEventLoop) channel.eventLoop();
    EpollConnection to;
    try {
      to =
          new EpollConnection(
              channel.fd().intValue(),
              loops.computeIfAbsent(loop, this::newLoop),
              stream,
              Client.of(channel).address(),
              written,
              channel.hasAttr(EVENT) ? channel.attr(EVENT).get() : null);
    } catch (Throwable e) {
      stream.onFailure(e);
      channel.unsafe().closeForcibly(); // which counts it
      stream.end();
      return;
    }
    boolean reading = channel.config().isAutoRead();
    try {
      stream.use(to);
      loop.register(to)
          .addListener(
              registered -> {
                if (registered.isSuccess()) {
                  to.begin((IoRegistration) registered.getNow(), reading);
                } else {
                  stream.onFailure(registered.cause());
                  to.close();
                }
              });
    } catch (Throwable e) {
      stream.onFailure(e);
      to.close();
    }
  }

  /**
   * Puts the socket of a connection back into a channel, without handlers, and what waits for the
   * peer with it. The connection's stream isn't told of anything any more, but if the connection is
   * closed already.
   *
   * @return none if it is, or becomes so: the peer has reset it, there is no memory for it, or the
   *     loop doesn't take it
   */
  public Optional<Channel> putBack(Connection connection) {
    EpollConnection from = (EpollConnection) connection;
    if (from.isGone()) {
      return Optional.empty();
    }
    InetSocketAddress peer = from.peer();
    EpollSocketChannel channel;
    int descriptor = from.release();
    try {
      channel = new EpollSocketChannel(descriptor);
      channel.closeFuture().addListener(closed -> leaving.accept(peer));
    } catch (Throwable e) {
      from.onFailure(e);
      from.closeSocket();
      from.discardKept();
      leaving.accept(peer);
      from.event().ifPresent(event -> event.endWith(peer, Via.HTTP));
      return Optional.empty();
    }
    try {
      configure(channel);
      EventLoop loop = from.loop().eventLoop();
      loop.register(channel);
      for (ByteBuf kept; (kept = from.takeKept()) != null; ) {
        channel.write(kept);
      }
      channel.flush();
    } catch (Throwable e) {
      from.onFailure(e);
      from.discardKept();
      channel.unsafe().closeForcibly();
      from.event().ifPresent(event -> event.endWith(peer, Via.HTTP));
      return Optional.empty();
    }
    // A channel of a socket that has been reset isn't active, and would never be told of its end.
    if (!channel.isRegistered() || !channel.isActive() || channel.remoteAddress() == null) {
      channel.close();
      from.event().ifPresent(event -> event.endWith(peer, Via.HTTP));
      return Optional.empty();
    }
    from.event().ifPresent(event -> recordEnd(channel, event));
    return Optional.of(channel);
  }

  /**
   * Opens a stream whose connection is gone meanwhile: it begins, and ends in a task of its own.
   */
  public static void openGone(Connection connection, StreamHandler stream) {
    try {
      stream.use(connection);
    } catch (Throwable e) {
      stream.onFailure(e);
    }
    stream.leave();
    connection.execute(stream::tellClosed);
  }

  /** Gives a channel the options that all of a server have. */
  public void configure(Channel channel) {
    ChannelConfig options = channel.config();
    options.setAllocator(allocator);
    options.setRecvByteBufAllocator(readSizes);
    options.setWriteBufferWaterMark(
        new WriteBufferWaterMark(Math.max(mostPendingBytes / 2, 1), mostPendingBytes));
  }

  /** Sees to it that an event ends with the channel, or with what becomes of it. */
  public static void recordEnd(Channel channel, ConnectionEvent event) {
    channel.attr(EVENT).set(event);
    channel
        .closeFuture()
        .addListener(
            closed ->
                event.endWith(Client.of(channel).address(), PipelineConnection.viaOf(channel)));
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
