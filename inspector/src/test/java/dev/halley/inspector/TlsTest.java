package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that is spoken to over TLS. */
@Timeout(120)
class TlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir private Path directory;

  private SSLContext context() throws Exception {
    Path file = directory.resolve("keys.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process process =
        new ProcessBuilder(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "tap",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private HttpsServer server() throws Exception {
    SSLContext context = context();
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "over TLS".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static Tap tap(int port, boolean insecure, TapLog log) throws IOException {
    TapConfig config =
        new TapConfig(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "localhost",
            port,
            true,
            insecure,
            4096,
            false);
    return Tap.start(config, log, Optional.empty(), InstantSource.system());
  }

  private static TapEvent await(TapLog log, Class<? extends TapEvent> type) throws Exception {
    long cursor = 0;
    while (true) {
      TapLog.Batch batch = log.read(cursor, 1, 60_000);
      cursor = batch.next();
      if (type.isInstance(batch.events().getFirst())) {
        return batch.events().getFirst();
      }
    }
  }

  @Test
  void whatIsSaidOverTlsIsShown() throws Exception {
    HttpsServer server = server();
    TapLog log = new TapLog(100, 1 << 20);
    try (Tap tap = tap(server.getAddress().getPort(), true, log);
        Socket client = new Socket(tap.address().getAddress(), tap.address().getPort())) {
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(UTF_8));

      assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).endsWith("over TLS");
      TapEvent.Body body = (TapEvent.Body) await(log, TapEvent.Body.class);
      assertThat(body.content().text()).isEqualTo("over TLS");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefused() throws Exception {
    HttpsServer server = server();
    TapLog log = new TapLog(100, 1 << 20);
    try (Tap tap = tap(server.getAddress().getPort(), false, log);
        Socket client = new Socket(tap.address().getAddress(), tap.address().getPort())) {
      client.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      assertThat(((TapEvent.Closed) await(log, TapEvent.Closed.class)).how())
          .startsWith("TLS failed: ");
      assertThat(client.isConnected()).isTrue();
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoBeginsWithHttp2GetsItByAlpnIfTheServerHasIt(boolean has) throws Exception {
    TapLog log = new TapLog(100, 1 << 20);
    byte[] settings = Http2Bytes.frame(4, 0, 0, new byte[0]);
    try (SSLServerSocket server =
            (SSLServerSocket)
                context()
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Tap tap = tap(server.getLocalPort(), true, log);
        Socket client = new Socket(tap.address().getAddress(), tap.address().getPort())) {
      if (has) {
        SSLParameters parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        server.setSSLParameters(parameters);
      }
      client.getOutputStream().write(Http2Bytes.join(Http2Bytes.PREFACE, settings));
      try (SSLSocket accepted = (SSLSocket) server.accept()) {
        accepted.startHandshake();
        assertThat(accepted.getApplicationProtocol()).isEqualTo(has ? "h2" : "");
        int length = Http2Bytes.PREFACE.length + settings.length;
        assertThat(accepted.getInputStream().readNBytes(length)).endsWith(settings);
        accepted.getOutputStream().write(settings);
        assertThat(client.getInputStream().readNBytes(settings.length)).isEqualTo(settings);
      }
    }
    TapEvent.Http2Frame first = (TapEvent.Http2Frame) await(log, TapEvent.Http2Frame.class);
    assertThat(first.direction()).isEqualTo(Direction.TO_SERVER);
    List<TapEvent> notices =
        log.read(0, 100, 0).events().stream().filter(TapEvent.Notice.class::isInstance).toList();
    assertThat(notices).hasSize(has ? 0 : 1);
  }
}
