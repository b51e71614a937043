package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** nginx or HAProxy in front of servers, with the configuration of the documents. */
final class FrontProxy implements AutoCloseable {
  /** Which, and how. */
  enum Kind {
    NGINX("nginx.conf"),
    HAPROXY("haproxy.cfg"),
    /** That passes bytes on and announces the client by the PROXY protocol. */
    HAPROXY_TCP("haproxy-tcp.cfg");

    private final String file;

    Kind(String file) {
      this.file = file;
    }

    /** What the documents show. */
    String configuration() throws IOException {
      return Files.readString(Tool.docs().resolve("proxies").resolve(file));
    }
  }

  private static final String NGINX_MAIN =
      """
      daemon off;
      master_process off;
      pid nginx.pid;
      events { worker_connections 8192; }
      http {
        access_log off;
        client_body_temp_path bodies;
        proxy_temp_path answers;
        fastcgi_temp_path unused-1;
        uwsgi_temp_path unused-2;
        scgi_temp_path unused-3;
        include halley.conf;
      }
      """;

  private static final int ATTEMPTS = 5;

  private final Process process;
  private final int port;

  private FrontProxy(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts it; when this returns it accepts connections. */
  static FrontProxy start(Kind kind, Path directory, InetSocketAddress... servers)
      throws Exception {
    return start(kind, directory, Map.of(), servers);
  }

  /**
   * Starts it with a few changes to the text of its configuration.
   *
   * @param directory an empty one
   * @param changes what stands there, and what is to stand there instead
   */
  static FrontProxy start(
      Kind kind, Path directory, Map<String, String> changes, InetSocketAddress... servers)
      throws Exception {
    makeCertificate(directory);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = freePort();
      Process process = Tool.start(directory, prepare(kind, directory, changes, port, servers));
      FrontProxy proxy = new FrontProxy(process, port);
      if (proxy.comesUp()) {
        return proxy;
      }
      proxy.close(); // somebody else has taken the port meanwhile
    }
    throw new AssertionError(kind + " doesn't start; see what it wrote");
  }

  private static List<String> prepare(
      Kind kind,
      Path directory,
      Map<String, String> changes,
      int port,
      InetSocketAddress... servers)
      throws IOException {
    String text = kind.configuration();
    for (Map.Entry<String, String> change : changes.entrySet()) {
      text = replace(text, change.getKey(), change.getValue());
    }
    text = replace(text, "127.0.0.1:8080", "127.0.0.1:" + servers[0].getPort());
    text =
        servers.length > 1
            ? replace(text, "127.0.0.1:8081", "127.0.0.1:" + servers[1].getPort())
            : text.replaceAll("(?m)^.*127\\.0\\.0\\.1:8081.*\n", "");
    return switch (kind) {
      case NGINX -> {
        text = replace(text, "listen 443", "listen 127.0.0.1:" + port);
        text = replace(text, "/etc/ssl/push.example.org", directory + "/push");
        Files.writeString(directory.resolve("halley.conf"), text);
        Path main = Files.writeString(directory.resolve("nginx.conf"), NGINX_MAIN);
        yield List.of("nginx", "-p", directory + "/", "-e", "stderr", "-c", main.toString());
      }
      case HAPROXY, HAPROXY_TCP -> {
        text = replace(text, "bind :443", "bind 127.0.0.1:" + port);
        if (kind == Kind.HAPROXY) {
          text = replace(text, "/etc/ssl/push.example.org.pem", directory + "/both.pem");
        }
        text = replace(text, "maxconn 100000", "maxconn 4000");
        Path main = Files.writeString(directory.resolve("haproxy.cfg"), text);
        yield List.of("haproxy", "-db", "-q", "-f", main.toString());
      }
    };
  }

  /** Fails where a document and this test don't fit together any more. */
  private static String replace(String text, String what, String by) {
    assertThat(text).contains(what);
    return text.replace(what, by);
  }

  private static void makeCertificate(Path directory) throws Exception {
    Tool.run(
        directory,
        30,
        List.of(
            "sh",
            "-c",
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                + " -subj /CN=push.example.org -keyout push.key -out push.pem 2>/dev/null"
                + " && cat push.pem push.key >both.pem"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    }
  }

  private boolean comesUp() throws InterruptedException {
    long end = System.nanoTime() + TestServer.PATIENCE.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return process.isAlive() && socket.isConnected();
      } catch (IOException notYet) {
        if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
    }
    return false;
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
