package dev.halley.inspector.proxy;

import dev.halley.inspector.TapConfig;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;

/** TLS with the server, for clients that speak HTTP/1.1 and for those that speak HTTP/2. */
final class ServerTls {
  private final TapConfig config;
  private final SslContext http1;
  private final SslContext http2;

  private ServerTls(TapConfig config, SslContext http1, SslContext http2) {
    this.config = config;
    this.http1 = http1;
    this.http2 = http2;
  }

  static ServerTls of(TapConfig config) throws IOException {
    return new ServerTls(
        config,
        builder(config).build(),
        builder(config)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2))
            .build());
  }

  private static SslContextBuilder builder(TapConfig config) {
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (config.insecure()) {
      builder
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm("");
    }
    return builder;
  }

  /** A handler that asks for HTTP/2 by ALPN, or for nothing. */
  SslHandler handler(SocketChannel server, boolean isHttp2) {
    return (isHttp2 ? http2 : http1)
        .newHandler(server.alloc(), config.targetHost(), config.targetPort());
  }
}
