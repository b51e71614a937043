package dev.halley.websocket.guide;

import dev.halley.websocket.Compression;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.HandshakeOutcome;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ProtocolOptions;
import dev.halley.websocket.ServerHandshake;
import dev.halley.websocket.WebSocketProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A server that sends every message back, compressed where the client can, in Netty's pipeline. */
final class NettyEcho extends ChannelInitializer<SocketChannel> {
  /** One for each event loop, which is a thread. */
  private static final FastThreadLocal<DeflatePool> POOLS =
      new FastThreadLocal<>() {
        @Override
        protected DeflatePool initialValue() {
          return new DeflatePool(DeflatePool.DEFAULT_LEVEL);
        }

        @Override
        protected void onRemoval(DeflatePool pool) {
          pool.close();
        }
      };

  @Override
  protected void initChannel(SocketChannel channel) {
    channel
        .pipeline()
        .addLast(new HttpServerCodec(), new HttpObjectAggregator(8192), new Handshaking());
  }

  private static final class Handshaking extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      HandshakeOutcome outcome =
          ServerHandshake.accept(
              request.method().name(),
              request.protocolVersion().text(),
              request.headers()::getAll,
              List.of(),
              Optional.of(DeflateParameters.NO_CONTEXT_TAKEOVER));
      switch (outcome) {
        case HandshakeOutcome.Accepted accepted -> {
          FullHttpResponse response = response(101);
          accepted.headers().forEach(it -> response.headers().add(it.name(), it.value()));
          context.writeAndFlush(response);
          // First the new handler, then the codec's end: what it holds back comes to the new one.
          context.pipeline().addLast(new Echo(accepted.deflate()));
          context.pipeline().remove(HttpObjectAggregator.class);
          context.pipeline().remove(this);
          context.pipeline().remove(HttpServerCodec.class);
        }
        case HandshakeOutcome.Rejected rejected -> {
          FullHttpResponse response = response(rejected.status());
          rejected.headers().forEach(it -> response.headers().add(it.name(), it.value()));
          context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
      }
    }

    private static FullHttpResponse response(int status) {
      return new DefaultFullHttpResponse(
          HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.EMPTY_BUFFER);
    }
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    private final WebSocketProtocol protocol;

    Echo(Optional<DeflateParameters> deflate) {
      ProtocolOptions plain = ProtocolOptions.of(new MessageLimits(1 << 20, 1 << 20));
      protocol =
          WebSocketProtocol.server(
              deflate
                  .map(it -> new Compression(it, POOLS.get(), Compression.DEFAULT_THRESHOLD))
                  .map(plain::withCompression)
                  .orElse(plain));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf read = (ByteBuf) message;
      ByteBuffer input = read.nioBuffer();
      try {
        boolean more = true;
        while (more) {
          switch (protocol.receive(input)) {
            case NEED_INPUT -> more = false;
            case TEXT -> answer(context, true);
            case BINARY -> answer(context, false);
            case PING, CLOSE, FAILURE -> reply(context);
            case PONG -> {}
            case TEXT_PART, BINARY_PART -> throw new AssertionError("only if asked for");
          }
        }
      } finally {
        read.release();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush(); // all answers to one read leave together
      if (protocol.shouldCloseTransport()) {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      protocol.release();
    }

    private void answer(ChannelHandlerContext context, boolean text) {
      int most = protocol.messageLength(protocol.payloadLength());
      ByteBuf frame = context.alloc().buffer(most);
      ByteBuffer out = frame.nioBuffer(0, most);
      if (text) {
        protocol.writeText(protocol.payload(), out);
      } else {
        protocol.writeBinary(protocol.payload(), out);
      }
      context.write(frame.writerIndex(out.position()));
    }

    private void reply(ChannelHandlerContext context) {
      int length = protocol.replyLength();
      ByteBuf frame = context.alloc().buffer(length);
      protocol.writeReply(frame.nioBuffer(0, length));
      context.write(frame.writerIndex(length));
    }
  }
}
