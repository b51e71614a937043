package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameLogger;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.logging.LogLevel;
import io.netty.util.AsciiString;

/**
 * Sees each frame of a connection of HTTP/2: what Netty's codec refuses by itself it tells nobody
 * but its logger, which this is. Nothing is logged.
 */
final class Http2FrameCounter extends Http2FrameLogger {
  private static final AsciiString TOO_LARGE =
      HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.codeAsText();

  private final ServerMetrics metrics;

  Http2FrameCounter(ServerMetrics metrics) {
    super(LogLevel.TRACE);
    this.metrics = metrics;
  }

  @Override
  public boolean isEnabled() {
    return false;
  }

  @Override
  public void logHeaders(
      Direction direction,
      ChannelHandlerContext ctx,
      int stream,
      Http2Headers headers,
      int padding,
      boolean end) {
    if (direction == Direction.OUTBOUND && AsciiString.contentEquals(TOO_LARGE, headers.status())) {
      metrics.exceed(Limit.REQUEST_HEAD);
    }
  }

  @Override
  public void logRstStream(Direction direction, ChannelHandlerContext ctx, int stream, long error) {
    if (direction == Direction.OUTBOUND && error == Http2Error.REFUSED_STREAM.code()) {
      metrics.exceed(Limit.HTTP2_STREAMS);
    }
  }
}
