package dev.halley.server.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** What a pipeline on a socket can do besides moving bytes. */
public final class Tcp {
  /** The name of the handler that encrypts, if there is one. */
  public static final String TLS = "tls";

  private Tcp() {}

  /** Whether a pipeline encrypts. */
  public static boolean isEncrypted(ChannelPipeline pipeline) {
    return pipeline.get(TLS) != null;
  }

  /**
   * For a write whose failure is told to the pipeline's handlers. The promise that costs nothing
   * does that, but for TLS, which drops it: a record that couldn't be written would be missing in
   * silence.
   */
  public static ChannelPromise promise(ChannelHandlerContext context) {
    return isEncrypted(context.pipeline())
        ? context.newPromise().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE)
        : context.voidPromise();
  }

  /**
   * Closes a channel at once, past the handlers in its pipeline: one that has failed, TLS for
   * instance, may never be done with a farewell.
   */
  public static void cut(Channel channel) {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      channel.close();
    } else {
      first.close();
    }
  }

  /**
   * Ends our side of a connection. With TLS that is said within it: without, the end might be an
   * attacker's (RFC 8446 section 6.1).
   */
  public static void endOutput(ChannelPipeline pipeline) {
    ChannelHandler tls = pipeline.get(TLS);
    if (tls == null) {
      ((DuplexChannel) pipeline.channel()).shutdownOutput();
    } else {
      ((SslHandler) tls)
          .closeOutbound()
          .addListener(done -> ((DuplexChannel) pipeline.channel()).shutdownOutput());
    }
  }
}
