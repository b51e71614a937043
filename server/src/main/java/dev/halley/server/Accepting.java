package dev.halley.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * What the listening socket does when a connection can't be accepted, for want of a descriptor
 * mostly: it pauses for a moment and goes on. Whoever connects meanwhile waits in the kernel's
 * queue. Used on the socket's event loop.
 */
final class Accepting extends ChannelInboundHandlerAdapter {
  private static final long PAUSE_MILLIS = 200;

  /** Without a failure for so long, the next one is said in the log again. */
  private static final long EPISODE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Failures failures;
  private boolean failedBefore;
  private long lastNanos;

  Accepting(Failures failures) {
    this.failures = failures;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failures.note(Failures.Place.ACCEPT);
    pause(ctx);
    long now = System.nanoTime();
    boolean begins = !failedBefore || now - lastNanos > EPISODE_NANOS;
    failedBefore = true;
    lastNanos = now;
    if (begins) {
      say(cause);
    }
  }

  private static void pause(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(false);
    try {
      ctx.executor()
          .schedule(
              () -> ctx.channel().config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (Throwable e) {
      ctx.channel().config().setAutoRead(true); // there is no memory for a pause
    }
  }

  private static void say(Throwable cause) {
    try {
      System.getLogger(Accepting.class.getName())
          .log(
              Level.WARNING,
              "No connection can be accepted now ({0}): new ones wait, and it is tried again every"
                  + " {1} ms",
              cause.getMessage(),
              PAUSE_MILLIS);
    } catch (Throwable e) {
      // There may be no descriptor for the log either. It is counted.
    }
  }
}
