package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server as {@code ws} and {@code eventsource} of Node.js, and a browser, see it. */
class NodeClientsIT {
  @BeforeAll
  static void installPackages() throws Exception {
    NodePackages.install();
  }

  @Test
  void wsListensPublishesAndGoesOnFromAPosition() throws Exception {
    try (TestServer server = TestServer.start();
        Script script = Script.start("ws.mjs", server.uri("").toString())) {
      assertThat(script.line()).isEqualTo("open");
      server.publish("node", "one");
      assertThat(script.line()).isEqualTo("text one");
      assertThat(script.line()).isEqualTo("text mine");
      assertThat(script.line()).as("after a second handshake").isEqualTo("text mine");
      assertThat(script.line()).startsWith("v1 {\"channel\":\"node\",\"subscribed\":");
      server.publish("node", "two");
      assertThat(Json.parse(script.line().substring(3)).get("data").stringValue()).isEqualTo("two");
      assertThat(script.line()).isEqualTo("closed 1000");
    }
  }

  @Test
  void eventsourceReconnectsByItselfAndMissesNothing() throws Exception {
    try (TestServer server = TestServer.start();
        Script script = Script.start("eventsource.mjs", server.uri("").toString())) {
      assertThat(script.line()).isEqualTo("open");
      server.publish("node", "one");
      assertThat(script.line()).isEqualTo("message one");
      server.restart();
      server.publish("node", "two");
      assertThat(script.line()).isEqualTo("open");
      assertThat(script.line()).startsWith("gap {\"channel\":\"node\"");
      assertThat(script.line()).isEqualTo("message two");
    }
  }

  @Test
  void aBrowserListensInThreeWaysToWhatCurlPublishes() throws Exception {
    try (Pages allowed = Pages.start();
        TestServer server = TestServer.start(Configs.withOrigins(allowed.origin()));
        Script script =
            Script.start("browser.mjs", allowed.origin() + "/", server.uri("").toString())) {
      List<String> opened = List.of(script.line(), script.line(), script.line());
      assertThat(opened).containsExactlyInAnyOrder("open sse", "open ws", "open fetch");
      Tool.curl(
          "--header",
          "Content-Type: text/plain",
          "--data",
          "from curl",
          server.uri("/channels/browser").toString());
      List<String> received = List.of(script.line(), script.line(), script.line(), script.line());
      assertThat(received)
          .containsExactlyInAnyOrder(
              "sse from curl", "ws from curl", "fetch from curl", "published 201");
    }
  }

  @Test
  void aForeignPageIsRefusedOnAllThree() throws Exception {
    try (Pages allowed = Pages.start();
        Pages foreign = Pages.start();
        TestServer server = TestServer.start(Configs.withOrigins(allowed.origin()));
        Script script =
            Script.start("browser.mjs", foreign.origin() + "/", server.uri("").toString())) {
      List<String> refused = List.of(script.line(), script.line(), script.line(), script.line());
      assertThat(refused)
          .containsExactlyInAnyOrder(
              "refused sse", "refused ws", "refused fetch", "refused publish");
      assertThat(HttpSocket.get(server, "/channels/browser", "").body())
          .contains("\"publications\":[]");
    }
  }

  /** A Node.js program and the lines that it writes. */
  private record Script(Process process, BufferedReader lines) implements AutoCloseable {
    static Script start(String name, String... arguments) throws Exception {
      List<String> command = new ArrayList<>(List.of("node", name));
      command.addAll(List.of(arguments));
      Process process = Tool.start(NodePackages.directory(), command);
      return new Script(
          process, new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)));
    }

    String line() throws Exception {
      String line = lines.readLine();
      assertThat(line).as("the script ended early").isNotNull();
      return line;
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** An empty page on an origin of its own. */
  private record Pages(HttpServer http) implements AutoCloseable {
    static Pages start() throws Exception {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.createContext(
          "/",
          exchange -> {
            byte[] page = "<!doctype html><title>test</title>".getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
          });
      http.start();
      return new Pages(http);
    }

    String origin() {
      return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @Override
    public void close() {
      http.stop(0);
    }
  }
}
