package dev.halley.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS that believes every certificate. */
final class Trusting {
  static final SSLContext CONTEXT = context();

  private Trusting() {}

  /** Connects and agrees on one of the protocols, or on nothing if none is given. */
  static SSLSocket connect(InetSocketAddress address, String... protocols) throws IOException {
    SSLSocket tls = unconnected(address);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  /** A connection whose handshake has not begun. */
  static SSLSocket unconnected(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.connect(address);
    SSLSocket tls =
        (SSLSocket)
            CONTEXT
                .getSocketFactory()
                .createSocket(socket, address.getHostString(), address.getPort(), true);
    tls.setSoTimeout(Math.toIntExact(TestServer.PATIENCE.toMillis()));
    return tls;
  }

  /**
   * Ends a connection as whoever just goes away does: a socket of TLS waits on closing for the
   * other side's end, which a proxy doesn't say before the server has.
   */
  static void hangUp(Socket socket) throws IOException {
    if (!socket.isClosed()) {
      socket.setSoTimeout(1);
    }
    socket.close();
  }

  private static SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Everybody()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
