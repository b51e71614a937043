package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.FakeApplication.Asked;
import dev.halley.server.FakeApplication.Reply;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the application is asked about during a WebSocket's life, and in which order. */
class HookCommandsTest {
  private FakeApplication application;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    application = new FakeApplication();
    server = TestServer.start(TestServer.config().withHooks(application.hooks()));
  }

  @AfterEach
  void stop() {
    server.close();
    application.close();
  }

  private WebSocketClient v1(String target) throws IOException {
    return WebSocketClient.open(server, target, HalleyV1Listener.SUBPROTOCOL, "");
  }

  private WebSocketClient bare(String target) throws IOException {
    return WebSocketClient.open(server, target, List.of(), "");
  }

  private static String ask(WebSocketClient client, String op, String channel) throws IOException {
    client.send("{\"id\":0,\"op\":\"" + op + "\",\"channel\":\"" + channel + "\"}");
    return client.receiveText();
  }

  @Test
  void whatTheConnectionIsGrantedIsntAskedAbout() throws Exception {
    application.replies(
        FakeApplication.by(
            Map.of(
                "connect",
                "{\"allow\":true,\"user\":\"ann\","
                    + "\"channels\":{\"subscribe\":[\"room.*\"],\"publish\":[\"room.1\"]}}",
                "subscribe",
                "{\"allow\":false}",
                "publish",
                "{\"allow\":false}")));
    try (WebSocketClient client = v1("/channels/room.1")) {
      assertThat(client.receiveText()).contains("subscribed");
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"room.2\"}");
      assertThat(client.receiveText()).contains("\"id\":1,\"position\"");
      client.send("{\"id\":2,\"op\":\"publish\",\"channel\":\"room.1\",\"data\":\"x\"}");
      assertThat(client.receiveText() + client.receiveText()).contains("\"id\":2,\"position\"");
      client.send("{\"id\":3,\"op\":\"publish\",\"channel\":\"room.2\",\"data\":\"x\"}");
      assertThat(client.receiveText()).contains("\"id\":3,\"error\":{\"code\":403");
      client.send("{\"id\":4,\"op\":\"subscribe\",\"channel\":\"other\"}");
      assertThat(client.receiveText()).contains("\"id\":4,\"error\":{\"code\":403");
    }
    assertThat(application.next("publish").text("user")).isEqualTo("ann");
  }

  @Test
  void aSubscriptionThatComesToNothingLeavesNoPermissionBehind() throws Exception {
    try (WebSocketClient client = v1("/channels")) {
      // Without presence nobody can be told of it, which is found out after the question.
      assertThat(ask(client, "subscribe", "a~presence")).contains("\"code\":404");
      assertThat(application.next("subscribe").text("channel")).isEqualTo("a");
      assertThat(ask(client, "subscribe", "a")).contains("\"position\"");
      assertThat(application.next("subscribe").text("channel")).isEqualTo("a");
      // What was allowed is kept as long as something is subscribed with it.
      assertThat(ask(client, "subscribe", "a~presence")).contains("\"code\":404");
      assertThat(ask(client, "history", "a")).contains("\"publications\"");
    }
    assertThat(application.next().event()).isEqualTo("disconnect");
  }

  @Test
  void aPermissionStaysWhileItsSubscriptionIsUnderWay() throws Exception {
    Semaphore asked = new Semaphore(0);
    CompletableFuture<Void> open = new CompletableFuture<>();
    server.close();
    server =
        TestServer.start(
            TestServer.config().withHooks(application.hooks()),
            MemoryBroker.Config.defaults(),
            broker -> new HeldBroker(broker, asked, open));
    try (WebSocketClient client = v1("/channels")) {
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"a\",\"since\":\"earliest\"}");
      application.next("subscribe");
      asked.acquire();
      // This one comes to nothing, but the other one still needs what it was allowed.
      assertThat(ask(client, "subscribe", "a~presence")).contains("\"code\":404");
      open.complete(null);
      assertThat(client.receiveText()).contains("\"id\":1,\"position\"");
      assertThat(ask(client, "history", "a")).contains("\"publications\"");
    }
    assertThat(application.next().event()).isEqualTo("disconnect");
  }

  @Test
  void aYesForAnotherUserIsNone() throws Exception {
    application.replies(
        FakeApplication.by(
            Map.of(
                "connect", "{\"allow\":true,\"user\":\"ann\"}",
                "subscribe", "{\"allow\":true,\"user\":\"bob\"}")));
    try (WebSocketClient client = v1("/channels")) {
      for (String op : List.of("subscribe", "history", "presence")) {
        assertThat(ask(client, op, "a")).as(op).contains("\"code\":403").contains("another user");
      }
    }
  }

  /** Answers the questions about publishing one by one, in the order that the test wants. */
  private static final class OneByOne implements Reply {
    final Map<String, Semaphore> gates = new ConcurrentHashMap<>();

    Semaphore gate(String data) {
      return gates.computeIfAbsent(data, it -> new Semaphore(0));
    }

    @Override
    public void to(Asked asked) throws IOException, InterruptedException {
      if (asked.event().equals("publish")) {
        gate(asked.text("data")).acquire();
      }
      boolean allow = !asked.text("data").equals("no");
      FakeApplication.say("{\"allow\":" + allow + "}").to(asked);
    }
  }

  @Test
  void publicationsOfOneConnectionKeepTheirOrderWhicheverAnswerComesFirst() throws Exception {
    OneByOne answers = new OneByOne();
    application.replies(answers);
    try (WebSocketClient listener = bare("/channels/order");
        WebSocketClient bare = bare("/channels/order");
        WebSocketClient client = v1("/channels")) {
      for (String data : List.of("one", "no", "two")) {
        client.send(
            "{\"id\":\""
                + data
                + "\",\"op\":\"publish\",\"channel\":\"order\",\"data\":\""
                + data
                + "\"}");
      }
      client.send("{\"id\":\"h\",\"op\":\"history\",\"channel\":\"order\"}");
      client.send("{\"id\":\"x\",\"op\":\"publish\",\"channel\":\"elsewhere\",\"data\":\"x\"}");
      for (int i = 0; i < 4; i++) {
        application.next("publish");
      }
      answers.gate("two").release();
      answers.gate("x").release();
      // Another channel doesn't wait.
      assertThat(client.receiveText()).contains("\"id\":\"x\",\"position\"");
      answers.gate("no").release();
      answers.gate("one").release();
      assertThat(client.receiveText()).contains("\"id\":\"one\",\"position\"");
      assertThat(client.receiveText()).contains("\"id\":\"no\",\"error\":{\"code\":403");
      assertThat(client.receiveText()).contains("\"id\":\"two\",\"position\"");
      assertThat(client.receiveText()).contains("\"id\":\"h\",\"publications\":[{");
      assertThat(listener.receiveText()).isEqualTo("one");
      assertThat(listener.receiveText()).isEqualTo("two");

      bare.send("three");
      bare.send("four");
      application.next("publish");
      application.next("publish");
      answers.gate("four").release();
      answers.gate("three").release();
      assertThat(listener.receiveText()).isEqualTo("three");
      assertThat(listener.receiveText()).isEqualTo("four");
    }
  }

  @Test
  void unsubscribingWaitsForTheSubscriptionThatIsAskedAbout() throws Exception {
    Semaphore open = new Semaphore(0);
    application.replies(FakeApplication.yesToSubscribingAfter(open));
    try (WebSocketClient client = v1("/channels")) {
      client.send("{\"id\":1,\"op\":\"subscribe\",\"channel\":\"a\"}");
      client.send("{\"id\":2,\"op\":\"unsubscribe\",\"channel\":\"a\"}");
      client.send("{\"id\":3,\"op\":\"subscribe\",\"channel\":\"a\"}");
      application.next("subscribe");
      open.release(2);
      assertThat(client.receiveText()).contains("\"id\":1,\"position\"");
      assertThat(client.receiveText()).contains("\"id\":2,\"position\"");
      assertThat(client.receiveText()).contains("\"id\":3,\"position\"");
    }
  }

  @Test
  void aConnectionThatEndsWhileItIsAskedAboutLeavesNothingBehind() throws Exception {
    OneByOne answers = new OneByOne();
    application.replies(answers);
    try (WebSocketClient client = v1("/channels/order")) {
      client.receiveText();
      client.send("{\"id\":1,\"op\":\"publish\",\"channel\":\"order\",\"data\":\"gone\"}");
      application.next("publish");
    }
    application.next("disconnect");
    answers.gate("gone").release();
    // The next question is answered after that one.
    assertThat(HttpSocket.status(server, "/channels/order", "")).isEqualTo(200);
    assertThat(server.server().publications()).isZero();
  }
}
