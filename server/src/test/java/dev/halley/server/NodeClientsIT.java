package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

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
}
