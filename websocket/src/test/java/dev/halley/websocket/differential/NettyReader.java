package dev.halley.websocket.differential;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Netty's decoder and its UTF-8 validator. */
final class NettyReader extends ChannelInboundHandlerAdapter implements Reader {
  private static final int NO_STATUS = 1005;

  private final EmbeddedChannel channel;
  private final List<String> events = new ArrayList<>();
  private final StringBuilder message = new StringBuilder();
  private String kind = "";
  private boolean over;

  NettyReader(boolean server) {
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(server)
            .allowMaskMismatch(false)
            .allowExtensions(false)
            .maxFramePayloadLength(FRAME_LIMIT)
            .build();
    channel =
        new EmbeddedChannel(new WebSocket13FrameDecoder(config), new Utf8FrameValidator(), this);
  }

  @Override
  public void receive(ByteBuffer input) {
    if (!over) {
      channel.writeInbound(Unpooled.copiedBuffer(input));
    }
  }

  @Override
  public List<String> events() {
    channel.finishAndReleaseAll();
    return events;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object received) {
    WebSocketFrame frame = (WebSocketFrame) received;
    try {
      if (!over) {
        take(frame);
      }
    } finally {
      frame.release();
    }
  }

  private void take(WebSocketFrame frame) {
    String payload = ByteBufUtil.hexDump(frame.content());
    switch (frame) {
      case TextWebSocketFrame text -> begin("TEXT", payload, frame);
      case BinaryWebSocketFrame binary -> begin("BINARY", payload, frame);
      case ContinuationWebSocketFrame next -> add(payload, frame);
      case PingWebSocketFrame ping -> events.add("PING " + payload);
      case PongWebSocketFrame pong -> events.add("PONG " + payload);
      case CloseWebSocketFrame close -> {
        over = true;
        int code = close.statusCode() < 0 ? NO_STATUS : close.statusCode();
        events.add(
            "CLOSE "
                + code
                + " "
                + HexFormat.of().formatHex(close.reasonText().getBytes(StandardCharsets.UTF_8)));
      }
      default -> throw new AssertionError(frame);
    }
  }

  private void begin(String type, String payload, WebSocketFrame frame) {
    kind = type;
    message.setLength(0);
    add(payload, frame);
  }

  private void add(String payload, WebSocketFrame frame) {
    message.append(payload);
    if (frame.isFinalFragment()) {
      events.add(kind + " " + message);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!over) {
      over = true;
      events.add("FAIL " + ((CorruptedWebSocketFrameException) cause).closeStatus().code());
    }
  }
}
