package dev.halley.inspector.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.halley.inspector.Direction;
import dev.halley.inspector.dissect.Conversation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection and the server's, on one event loop. Each end that is written to faster
 * than it takes stops the reading at the other. The end of one direction becomes the end of that
 * direction, and a reset a reset.
 */
final class PipePair {
  private static final String PREFACE = "PRI * HTTP/2.0";

  private final Conversation conversation;
  private final SocketChannel client;
  private final Optional<ServerTls> tls;
  private final LongAdder bytes;
  private final LongSupplier clock;
  private @Nullable SocketChannel server;
  private boolean asksForHttp2;
  private boolean clientEnded;
  private boolean serverEnded;

  PipePair(
      Conversation conversation,
      SocketChannel client,
      Optional<ServerTls> tls,
      LongAdder bytes,
      LongSupplier clock) {
    this.conversation = conversation;
    this.client = client;
    this.tls = tls;
    this.bytes = bytes;
    this.clock = clock;
  }

  ChannelHandler fromClient() {
    return new Pipe(Direction.TO_SERVER);
  }

  ChannelHandler fromServer(SocketChannel channel) {
    server = channel;
    return new Pipe(Direction.TO_CLIENT);
  }

  /** The server was connected to, or couldn't be. */
  void connected(@Nullable Throwable failure) {
    if (failure != null || server == null) {
      over(true, "the server can't be reached: " + reason(failure));
    } else if (!client.isActive()) {
      over(false, "closed before the server was reached");
    } else if (tls.isEmpty()) {
      start();
    } else {
      client.config().setAutoRead(true);
    }
  }

  /**
   * What the client begins with says what is to be asked for by ALPN: its preface comes at once.
   */
  private void beginTls(SocketChannel to, ByteBuf first) {
    asksForHttp2 =
        first.readableBytes() >= PREFACE.length()
            && first.toString(first.readerIndex(), PREFACE.length(), US_ASCII).equals(PREFACE);
    client.config().setAutoRead(false);
    to.pipeline().addFirst(tls.orElseThrow().handler(to, asksForHttp2));
    to.read();
  }

  private void tlsStands(@Nullable String protocol) {
    if (asksForHttp2 && !ApplicationProtocolNames.HTTP_2.equals(protocol)) {
      conversation.note(
          Direction.TO_CLIENT, "the server doesn't agree on HTTP/2", clock.getAsLong());
    }
    start();
  }

  private void start() {
    client.config().setAutoRead(true);
    if (server != null) {
      server.config().setAutoRead(true);
    }
  }

  private static String reason(@Nullable Throwable failure) {
    Throwable deepest = failure;
    while (deepest != null && deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest == null ? null : deepest.getMessage();
    return message == null ? String.valueOf(deepest) : message;
  }

  private @Nullable SocketChannel to(Direction direction) {
    return direction == Direction.TO_SERVER ? server : client;
  }

  private void ended(Direction direction) {
    if (direction == Direction.TO_SERVER) {
      clientEnded = true;
    } else {
      serverEnded = true;
    }
    conversation.end(direction, clock.getAsLong());
    SocketChannel receiver = to(direction);
    if (receiver != null && receiver.isActive()) {
      receiver
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              done -> {
                if (clientEnded && serverEnded) {
                  over(false, "closed");
                } else {
                  endOutput(receiver);
                }
              });
    } else if (clientEnded && serverEnded) {
      over(false, "closed");
    }
  }

  private static void endOutput(SocketChannel receiver) {
    SslHandler handler = receiver.pipeline().get(SslHandler.class);
    if (handler == null) {
      receiver.shutdownOutput();
    } else {
      handler.closeOutbound();
    }
  }

  private void over(boolean broken, String how) {
    conversation.closed(broken, how, clock.getAsLong());
    close(client, broken);
    if (server != null) {
      close(server, broken);
    }
  }

  private static void close(Channel channel, boolean broken) {
    if (!channel.isActive()) {
      channel.close();
      return;
    }
    if (broken) {
      // Without lingering, a close is a reset.
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** One direction, as the handler of the channel that it comes from. */
  private final class Pipe extends ChannelInboundHandlerAdapter {
    private final Direction direction;

    Pipe(Direction direction) {
      this.direction = direction;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf data = (ByteBuf) message;
      SocketChannel receiver = to(direction);
      try {
        if (receiver == null || !receiver.isActive()) {
          return;
        }
        if (direction == Direction.TO_SERVER
            && tls.isPresent()
            && receiver.pipeline().get(SslHandler.class) == null) {
          beginTls(receiver, data);
        }
        receiver.writeAndFlush(data.retainedDuplicate(), receiver.voidPromise());
        if (!receiver.isWritable()) {
          context.channel().config().setAutoRead(false);
        }
        bytes.add(data.readableBytes());
        conversation.bytes(direction, data.nioBuffer(), clock.getAsLong());
      } finally {
        data.release();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      SocketChannel sender = to(direction);
      if (sender != null && sender.isActive()) {
        sender.config().setAutoRead(context.channel().isWritable());
      }
      context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        ended(direction);
      } else if (event instanceof SslHandshakeCompletionEvent handshake) {
        if (handshake.isSuccess()) {
          tlsStands(context.pipeline().get(SslHandler.class).applicationProtocol());
        } else {
          over(true, "TLS failed: " + reason(handshake.cause()));
        }
      }
      context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      ended(direction);
      over(false, "closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      over(true, "reset: " + reason(cause));
    }
  }
}
