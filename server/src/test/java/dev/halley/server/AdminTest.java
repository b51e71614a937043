package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.server.ServerConfig.Network;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AdminTest {
  private static final String KEY = "Authorization: Bearer secret\r\n";

  private static JsonNode get(TestServer server, String what) throws Exception {
    HttpSocket.Answer answer = HttpSocket.get(server, "/admin/api/" + what, "");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return Json.parse(answer.body());
  }

  private static int status(TestServer server, String host, String fields) throws Exception {
    String request = HttpSocket.request(host, "GET", "/admin/api/overview", fields, "");
    return HttpSocket.exchange(server, request).status();
  }

  private static WebSocketClient listen(TestServer server, String channels) throws Exception {
    return WebSocketClient.open(
        server, "/channels/" + channels + "?since=latest", List.of(), "", List.of());
  }

  // ---- who may ----

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "127.1.2.3:8080", "[::1]:80", "LOCALHOST:1"})
  void withoutAKeyALoopbackNameMay(String host) throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(status(server, host, "")).isEqualTo(200);
      assertThat(status(server, host, "Origin: http://" + host + "\r\n")).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1"})
  void aNameThatWasMadeToPointHereMayNot(String host) throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(status(server, host, "")).isEqualTo(403);
      assertThat(status(server, host, "Origin: http://" + host + "\r\n")).isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1].evil.example", "127.0.0.1:80@evil.example"})
  void whatIsNoHostIsNotTakenForThisMachine(String host) throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(status(server, host, "")).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: https://app.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site"
      })
  void aForeignPageMayNotWhateverItMayElsewhere(String field) throws Exception {
    try (TestServer open = TestServer.start(Configs.withOrigins("*"));
        TestServer keyed = TestServer.start(Configs.withKey("secret"))) {
      assertThat(status(open, open.authority(), field + "\r\n")).isEqualTo(403);
      assertThat(status(keyed, keyed.authority(), field + "\r\n" + KEY)).isEqualTo(403);
      String post =
          HttpSocket.request(
              open.authority(),
              "POST",
              "/admin/api/connections/1/disconnect",
              field + "\r\nContent-Type: text/plain\r\n",
              "x");
      assertThat(HttpSocket.exchange(open, post).status()).isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"})
  void withoutAKeyWhatAProxyForwardsMayNot(String field) throws Exception {
    try (TestServer server = TestServer.start()) {
      assertThat(status(server, server.authority(), field + ": 203.0.113.9\r\n")).isEqualTo(403);
    }
  }

  @Test
  void withAKeyTheKeyIsNeededForAllButThePage() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("secret"))) {
      assertThat(status(server, server.authority(), "")).isEqualTo(401);
      String wrong = "Authorization: Bearer secre\r\n";
      assertThat(status(server, server.authority(), wrong)).isEqualTo(401);
      assertThat(status(server, server.authority(), KEY)).isEqualTo(200);
      assertThat(status(server, "halley.example.org", KEY)).isEqualTo(200);
      assertThat(HttpSocket.post(server, "/admin/api/channels/a", "", "x").status()).isEqualTo(401);
      assertThat(HttpSocket.post(server, "/admin/api/connections/1/disconnect", "", "").status())
          .isEqualTo(401);
      assertThat(HttpSocket.get(server, "/admin/", "").status()).isEqualTo(200);
    }
  }

  @Test
  void itIsOffBeyondLoopbackUnlessAskedForAndNeedsAKeyThere() throws Exception {
    Network network = TestServer.config().network();
    Network everywhere = new Network("0.0.0.0", 0, network.io(), 1);
    try (TestServer server = TestServer.start(Configs.withKey("k").withNetwork(everywhere))) {
      assertThat(HttpSocket.get(server, "/admin/", "").status()).isEqualTo(404);
    }
    ServerConfig on = Configs.withKey("secret").withNetwork(everywhere).withAdmin(AdminMode.ON);
    try (TestServer server = TestServer.start(on)) {
      assertThat(HttpSocket.get(server, "/admin/", "").status()).isEqualTo(200);
      assertThat(status(server, server.authority(), KEY)).isEqualTo(200);
    }
    try (TestServer server = TestServer.start(TestServer.config().withAdmin(AdminMode.OFF))) {
      assertThat(status(server, server.authority(), "")).isEqualTo(404);
    }
    ServerConfig careless = TestServer.config().withNetwork(everywhere).withAdmin(AdminMode.ON);
    MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
    assertThatThrownBy(() -> HalleyServer.start(careless, broker))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs an API key");
    broker.close();
  }

  @Test
  void thePageMayLoadNothingFromElsewhere() throws Exception {
    try (TestServer server = TestServer.start()) {
      HttpSocket.Answer page = HttpSocket.get(server, "/admin/", "");
      assertThat(page.field("content-security-policy").orElse(""))
          .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'");
      assertThat(page.field("x-content-type-options")).contains("nosniff");
      assertThat(HttpSocket.get(server, "/admin", "").field("location")).contains("/admin/");
      for (String file : List.of("admin.js", "api.js", "chart.js", "dom.js", "format.js")) {
        HttpSocket.Answer script = HttpSocket.get(server, "/admin/" + file, "");
        assertThat(script.status()).isEqualTo(200);
        assertThat(script.body()).doesNotContain("innerHTML", "insertAdjacent", "document.write");
      }
      assertThat(HttpSocket.get(server, "/admin/AdminReports.class", "").status()).isEqualTo(404);
      assertThat(HttpSocket.get(server, "/admin/../admin.js", "").status()).isEqualTo(404);
    }
  }

  // ---- what it says ----

  @Test
  void connectionsAreListedInPagesWithWhatTheyListenTo() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient one = listen(server, "a,b");
        WebSocketClient two = listen(server, "a");
        Listener three = Listening.SSE.open(server, "c", "latest")) {
      assertThat(one.head().status()).isEqualTo(101);
      assertThat(two.head().status()).isEqualTo(101);
      assertThat(three.cursor()).isNotEmpty();

      JsonNode sockets = get(server, "connections?transport=websocket");
      assertThat(sockets.get("connections")).hasSize(2);
      assertThat(sockets.get("more").booleanValue()).isFalse();
      JsonNode first = sockets.get("connections").get(0);
      assertThat(first.get("channels").get(1).stringValue()).isEqualTo("b");
      assertThat(first.get("address").stringValue()).startsWith("127.0.0.1:");
      assertThat(get(server, "connections?transport=sse").get("connections")).hasSize(1);
      assertThat(get(server, "connections?lagging=1").get("connections")).isEmpty();

      JsonNode page = get(server, "connections?limit=1");
      assertThat(page.get("connections")).hasSize(1);
      assertThat(page.get("more").booleanValue()).isTrue();
      long number = page.get("connections").get(0).get("id").longValue();
      JsonNode next = get(server, "connections?limit=1&after=" + number);
      assertThat(next.get("connections").get(0).get("id").longValue()).isGreaterThan(number);
    }
  }

  @Test
  void aConnectionsDetailsHaveItsCursorsAndItIsDisconnectedWith1008() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient client = listen(server, "chat")) {
      String position = server.publish("chat", "hello").toString();
      assertThat(client.receiveText()).isEqualTo("hello");
      JsonNode list = get(server, "connections?transport=websocket").get("connections");
      long id = list.get(0).get("id").longValue();

      JsonNode details = get(server, "connections/" + id);

      assertThat(details.get("writtenBytes").longValue()).isEqualTo(2 + "hello".length());
      JsonNode subscription = details.get("subscribed").get(0);
      assertThat(subscription.get("channel").stringValue()).isEqualTo("chat");
      assertThat(subscription.get("position").stringValue()).isEqualTo(position);
      assertThat(subscription.get("lagging").booleanValue()).isFalse();

      String disconnect = "/admin/api/connections/" + id + "/disconnect";
      assertThat(HttpSocket.post(server, disconnect, "", "").status()).isEqualTo(200);
      assertThat(client.receive())
          .isEqualTo(
              new WebSocketClient.Message.Closed(1008, "The operator ended this connection"));
      assertThat(HttpSocket.get(server, "/admin/api/connections/999999", "").status())
          .isEqualTo(404);
    }
  }

  @Test
  void anEventStreamIsDisconnectedWithALastWord() throws Exception {
    try (TestServer server = TestServer.start();
        HttpSocket stream = HttpSocket.connect(server)) {
      stream.send(
          HttpSocket.request(server, "GET", "/channels/chat", "Accept: text/event-stream\r\n", ""));
      HttpSocket.Head head = stream.head();
      JsonNode list = get(server, "connections?transport=sse").get("connections");
      long id = list.get(0).get("id").longValue();

      HttpSocket.post(server, "/admin/api/connections/" + id + "/disconnect", "", "");

      assertThat(new String(stream.body(head).readAllBytes(), UTF_8))
          .contains(": the operator ended this stream\n");
    }
  }

  @Test
  void aChannelsDetailsHaveItsLogItsListenersAndItsNewest() throws Exception {
    try (TestServer server = TestServer.start();
        WebSocketClient one = listen(server, "room:1");
        HttpSocket poll = HttpSocket.connect(server)) {
      assertThat(one.head().status()).isEqualTo(101);
      for (int i = 0; i < 30; i++) {
        server.publish("room:1", "message " + i);
      }
      server.publish("room:1", Payload.binary(new byte[] {1, 2, (byte) 0xff}));
      String head = server.publish("room:1", "x".repeat(10_000)).toString();
      poll.send(
          HttpSocket.request(server, "GET", "/channels/room:1?wait=30&since=" + head, "", ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it == 1);

      JsonNode channel = get(server, "channels/room%3A1");

      assertThat(channel.get("head").stringValue()).isEqualTo(head);
      assertThat(channel.get("publications").intValue()).isEqualTo(32);
      assertThat(channel.get("listenersBy").get("websocket").intValue()).isEqualTo(1);
      assertThat(channel.get("listenersBy").get("long_poll").intValue()).isEqualTo(1);
      JsonNode newest = channel.get("newest");
      assertThat(newest).hasSize(20);
      assertThat(newest.get(0).get("text").stringValue()).hasSizeLessThan(2_100).endsWith("…");
      assertThat(newest.get(1).get("text").stringValue()).isEqualTo("01 02 ff");
      assertThat(newest.get(2).get("text").stringValue()).isEqualTo("message 29");
      assertThat(HttpSocket.get(server, "/admin/api/channels/nobody", "").status()).isEqualTo(404);
      assertThat(get(server, "channels").get("channels")).hasSize(1);
    }
  }

  @Test
  void aChannelsDetailsHaveWhoIsPresent() throws Exception {
    ServerConfig config =
        TestServer.config()
            .withTokens(TokenConfig.of(new TokenConfig.Keys.Secret(TestTokens.SECRET)))
            .withPolicies(List.of(ChannelPolicy.of("room.*").withPresence(true)));
    try (TestServer server = TestServer.start(config)) {
      String fields = "Authorization: Bearer " + TestTokens.of("<b>") + "\r\n";
      HttpSocket.get(server, "/channels/room.1", fields);
      JsonNode channel = get(server, "channels/room.1");
      assertThat(channel.get("present").intValue()).isEqualTo(1);
      assertThat(channel.get("members").get(0).stringValue()).isEqualTo("<b>");
      assertThat(channel.get("anonymous").intValue()).isZero();
      assertThat(get(server, "channels/room.1~presence").has("members")).isFalse();
    }
  }

  @Test
  void channelsAreListedInPagesByName() throws Exception {
    try (TestServer server = TestServer.start()) {
      for (String name : List.of("b.2", "a.1", "b.1", "c")) {
        server.publish(name, "x");
      }
      JsonNode page = get(server, "channels?prefix=b.&limit=1");
      assertThat(page.get("channels").get(0).get("channel").stringValue()).isEqualTo("b.1");
      assertThat(page.get("more").booleanValue()).isTrue();
      JsonNode rest = get(server, "channels?prefix=b.&limit=1&after=b.1");
      assertThat(rest.get("channels").get(0).get("channel").stringValue()).isEqualTo("b.2");
      assertThat(rest.get("more").booleanValue()).isFalse();
    }
  }

  @Test
  void whatIsPublishedByHandIsPublished() throws Exception {
    try (TestServer server = TestServer.start(Configs.withKey("secret"));
        WebSocketClient client = listen(server, "chat")) {
      String fields = KEY + "Content-Type: text/plain\r\n";
      assertThat(HttpSocket.post(server, "/admin/api/channels/chat", fields, "by hand").status())
          .isEqualTo(201);
      assertThat(client.receiveText()).isEqualTo("by hand");
      HttpSocket.Answer overview = HttpSocket.get(server, "/admin/api/overview", KEY);
      assertThat(Json.parse(overview.body()).get("publications").intValue()).isEqualTo(1);
    }
  }
}
