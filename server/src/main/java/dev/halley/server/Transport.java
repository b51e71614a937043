package dev.halley.server;

import dev.halley.server.ServerConfig.Io;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;

/** The kinds of I/O that Netty has, and which of them this machine has. */
enum Transport {
  IO_URING(IoUringServerSocketChannel.class) {
    @Override
    IoHandlerFactory handlers() {
      return IoUringIoHandler.newFactory();
    }
  },
  EPOLL(EpollServerSocketChannel.class) {
    @Override
    IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }
  },
  NIO(NioServerSocketChannel.class) {
    @Override
    IoHandlerFactory handlers() {
      return NioIoHandler.newFactory();
    }
  };

  private final Class<? extends ServerChannel> serverChannel;

  Transport(Class<? extends ServerChannel> serverChannel) {
    this.serverChannel = serverChannel;
  }

  abstract IoHandlerFactory handlers();

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
  EventLoopGroup newLoops(int threads) {
    int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    return new MultiThreadIoEventLoopGroup(
        count, new DefaultThreadFactory("halley-loop", false), handlers());
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
