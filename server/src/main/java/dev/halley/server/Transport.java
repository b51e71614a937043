package dev.halley.server;

import dev.halley.server.ServerConfig.Io;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import jdk.net.ExtendedSocketOptions;

/** The kinds of I/O that Netty has, and which of them this machine has. */
enum Transport {
  IO_URING(IoUringServerSocketChannel.class) {
    @Override
    List<ChannelOption<Integer>> keepAlive() {
      return List.of(
          IoUringChannelOption.TCP_KEEPIDLE,
          IoUringChannelOption.TCP_KEEPINTVL,
          IoUringChannelOption.TCP_KEEPCNT);
    }

    @Override
    IoHandlerFactory handlers() {
      return IoUringIoHandler.newFactory();
    }
  },
  EPOLL(EpollServerSocketChannel.class) {
    @Override
    List<ChannelOption<Integer>> keepAlive() {
      return List.of(
          EpollChannelOption.TCP_KEEPIDLE,
          EpollChannelOption.TCP_KEEPINTVL,
          EpollChannelOption.TCP_KEEPCNT);
    }

    @Override
    IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }
  },
  NIO(NioServerSocketChannel.class) {
    @Override
    List<ChannelOption<Integer>> keepAlive() {
      return List.of(
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT));
    }

    @Override
    IoHandlerFactory handlers() {
      return NioIoHandler.newFactory();
    }
  };

  private static final int PROBES = 3;

  private final Class<? extends ServerChannel> serverChannel;

  Transport(Class<? extends ServerChannel> serverChannel) {
    this.serverChannel = serverChannel;
  }

  /**
   * Has the kernel ask on idle connections whether the other machine is there, and end those where
   * it isn't within the time. While something is on its way it doesn't ask: see {@code TcpState}.
   */
  void askIdlePeers(ServerBootstrap server, Duration within) {
    int seconds = Math.toIntExact(Math.clamp(within.toSeconds(), 1, Short.MAX_VALUE));
    List<ChannelOption<Integer>> options = keepAlive();
    server
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(options.get(0), Math.max(seconds / 3, 1))
        .childOption(options.get(1), Math.max(seconds / 6, 1))
        .childOption(options.get(2), PROBES);
  }

  abstract IoHandlerFactory handlers();

  /**
   * The options for when the kernel first asks an idle peer, when again, in seconds, and how often.
   */
  abstract List<ChannelOption<Integer>> keepAlive();

  /**
   * The transport for a wish.
   *
   * @throws IllegalArgumentException if this machine lacks it
   */
  static Transport of(Io io) {
    return switch (io) {
      case AUTO -> Epoll.isAvailable() ? EPOLL : NIO;
      case EPOLL -> require(EPOLL, Epoll.isAvailable());
      case IO_URING -> require(IO_URING, IoUring.isAvailable());
      case NIO -> NIO;
    };
  }

  Class<? extends ServerChannel> serverChannel() {
    return serverChannel;
  }

  /** One loop per processor for 0. */
  ContainedLoops newLoops(int threads, Failures failures) {
    int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    return new ContainedLoops(
        count,
        new DefaultThreadFactory("halley-loop", false),
        handlers(),
        failures,
        ContainedLoops.PATIENCE);
  }

  private static Transport require(Transport transport, boolean available) {
    if (!available) {
      throw new IllegalArgumentException(
          "this machine has no "
              + transport.name().toLowerCase(Locale.ROOT)
              + ": choose io auto or nio");
    }
    return transport;
  }
}
