package dev.halley.server.connection;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
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
