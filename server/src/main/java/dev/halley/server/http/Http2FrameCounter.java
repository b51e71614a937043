package dev.halley.server.http;

import dev.halley.server.Limit;
import dev.halley.server.ServerMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameLogger;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.logging.LogLevel;
import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sees each frame of a connection of HTTP/2, those that Netty's codec deals with by itself, too:
 * its logger is the only one that it tells of all, and this is that. Nothing is logged.
 *
 * <p>Frames that ask for work and carry nothing have a rate (RFC 9113 section 10.5). PING and
 * SETTINGS are answered, so there are few. Those that are only taken note of are cheaper and have
 * their uses: a client may say with WINDOW_UPDATE that it has taken what it was sent, and may add
 * hints to what it asks for, so the more was sent, or asked for, the more of them are let through.
 */
final class Http2FrameCounter extends Http2FrameLogger {
  /** In which frames are counted. */
  static final int WINDOW_SECONDS = 30;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(WINDOW_SECONDS);

  /** As many cheap frames as this are let through for one that isn't. */
  private static final int CHEAP = 10;

  private static final AsciiString TOO_LARGE =
      HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.codeAsText();

  private final ServerMetrics metrics;
  private final int most;
  private final LongSupplier nanoClock;
  private final Runnable flooded;
  private final Runnable outOfOrder;
  private long windowStart;
  private int pings;
  private int settings;
  private int windowUpdates;
  private int hints;
  private long sent;
  private long sentBefore;
  private long asked;
  private long askedBefore;
  private boolean over;
  private int newest = -1;
  private int skippedAfter;
  private int skippedBefore;

  /**
   * For one connection.
   *
   * @param most PING frames, and SETTINGS frames, within {@link #WINDOW_SECONDS}
   * @param flooded is run once when there are too many frames
   * @param outOfOrder is run when a stream begins whose identifier was passed over
   */
  Http2FrameCounter(
      ServerMetrics metrics,
      int most,
      LongSupplier nanoClock,
      Runnable flooded,
      Runnable outOfOrder) {
    super(LogLevel.TRACE);
    this.metrics = metrics;
    this.most = most;
    this.nanoClock = nanoClock;
    this.flooded = flooded;
    this.outOfOrder = outOfOrder;
    this.windowStart = nanoClock.getAsLong();
  }

  @Override
  public boolean isEnabled() {
    return false;
  }

  // ---- what allows more ----

  @Override
  public void logData(
      Direction direction,
      ChannelHandlerContext ctx,
      int stream,
      ByteBuf data,
      int padding,
      boolean end) {
    if (direction == Direction.OUTBOUND) {
      sent++;
    }
  }

  @Override
  public void logHeaders(
      Direction direction,
      ChannelHandlerContext ctx,
      int stream,
      Http2Headers headers,
      int padding,
      boolean end) {
    if (direction == Direction.INBOUND) {
      asked++;
      requireOrder(stream);
    } else if (AsciiString.contentEquals(TOO_LARGE, headers.status())) {
      metrics.exceed(Limit.REQUEST_HEAD);
    }
  }

  @Override
  public void logHeaders(
      Direction direction,
      ChannelHandlerContext ctx,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end) {
    logHeaders(direction, ctx, stream, headers, padding, end);
  }

  /**
   * To the codec a stream that was passed over is one that has ended. It is remembered which those
   * were, of the last time: clients pass over none (RFC 9113 section 5.1.1).
   */
  private void requireOrder(int stream) {
    if (stream > newest) {
      if (stream > newest + 2) {
        skippedAfter = newest;
        skippedBefore = stream;
      }
      newest = stream;
    } else if (stream > skippedAfter && stream < skippedBefore) {
      outOfOrder.run();
    }
  }

  @Override
  public void logRstStream(Direction direction, ChannelHandlerContext ctx, int stream, long error) {
    if (direction == Direction.OUTBOUND && error == Http2Error.REFUSED_STREAM.code()) {
      metrics.exceed(Limit.HTTP2_STREAMS);
    }
  }

  // ---- what has a rate ----

  @Override
  public void logPing(Direction direction, ChannelHandlerContext ctx, long data) {
    if (counts(direction)) {
      require(++pings <= most);
    }
  }

  @Override
  public void logPingAck(Direction direction, ChannelHandlerContext ctx, long data) {
    logPing(direction, ctx, data);
  }

  @Override
  public void logSettings(Direction direction, ChannelHandlerContext ctx, Http2Settings values) {
    logSettingsAck(direction, ctx);
  }

  @Override
  public void logSettingsAck(Direction direction, ChannelHandlerContext ctx) {
    if (counts(direction)) {
      require(++settings <= most);
    }
  }

  @Override
  public void logWindowsUpdate(
      Direction direction, ChannelHandlerContext ctx, int stream, int increment) {
    if (counts(direction)) {
      require(++windowUpdates <= CHEAP * (most + sentBefore + sent));
    }
  }

  @Override
  public void logPriority(
      Direction direction,
      ChannelHandlerContext ctx,
      int stream,
      int dependency,
      short weight,
      boolean exclusive) {
    countHint(direction);
  }

  @Override
  public void logUnknownFrame(
      Direction direction,
      ChannelHandlerContext ctx,
      byte type,
      int stream,
      Http2Flags flags,
      ByteBuf data) {
    countHint(direction);
  }

  private void countHint(Direction direction) {
    if (counts(direction)) {
      require(++hints <= CHEAP * (most + askedBefore + asked));
    }
  }

  private boolean counts(Direction direction) {
    if (direction == Direction.OUTBOUND) {
      return false;
    }
    long now = nanoClock.getAsLong();
    if (now - windowStart >= WINDOW_NANOS) {
      windowStart = now;
      pings = 0;
      settings = 0;
      windowUpdates = 0;
      hints = 0;
      sentBefore = sent;
      sent = 0;
      askedBefore = asked;
      asked = 0;
    }
    return true;
  }

  private void require(boolean isCalm) {
    if (!isCalm && !over) {
      over = true;
      flooded.run();
    }
  }
}
