package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import dev.halley.server.app.WebSocketListener;
import dev.halley.server.app.WebSocketSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** An application's own requests, files and WebSockets on the server's port. */
class ApplicationTest {
  private static final String PAGE = "<h1>hello</h1>".repeat(50);

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final BlockingQueue<WebSocketSession> sessions = new LinkedBlockingQueue<>();
  private final Map<String, String> files = new HashMap<>();
  private final MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
  private final HttpClient http = HttpClient.newHttpClient();
  private HalleyServer server = serve(Application.none());

  @AfterEach
  void stop() {
    http.close();
    server.close();
    broker.close();
  }

  // ---- requests ----

  @Test
  void aHandlerSeesTheRequestAsItCame() throws Exception {
    restart(
        Application.builder()
            .post(
                "/orders/{id}/items/{item}",
                request -> Response.text(describe(request)).withHeader("X-Own", "yes"))
            .build());
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(uri("/orders/4%202/items/a+b?q=x%20y&q=z&empty="))
                .header("X-Thing", "one")
                .header("X-Thing", "two")
                .POST(HttpRequest.BodyPublishers.ofString("grüezi")));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("x-own")).contains("yes");
    assertThat(answer.body())
        .isEqualTo("POST /orders/4 2/items/a+b id=4 2 item=a+b q=x y empty= thing=one, two grüezi");
  }

  private static String describe(Request request) {
    return "%s %s id=%s item=%s q=%s empty=%s thing=%s %s"
        .formatted(
            request.method(),
            request.path(),
            request.variable("id"),
            request.variable("item"),
            request.query("q").orElseThrow(),
            request.query("empty").orElseThrow(),
            request.header("x-thing").orElseThrow(),
            request.bodyText());
  }

  @Test
  void aHandlerMayBlockWhileOthersAreAnswered() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    restart(
        Application.builder()
            .get(
                "/slow",
                request -> {
                  asked.await();
                  return Response.text("at last");
                })
            .get(
                "/quick",
                request -> {
                  asked.countDown();
                  return Response.json("[]");
                })
            .build());
    var slow =
        http.sendAsync(HttpRequest.newBuilder(uri("/slow")).build(), BodyHandlers.ofString());
    assertThat(get("/quick").body()).isEqualTo("[]");
    assertThat(slow.get(20, TimeUnit.SECONDS).body()).isEqualTo("at last");
  }

  @Test
  void refusalsAndDefectsAreErrorsInJson() throws Exception {
    restart(
        Application.builder()
            .get(
                "/refused",
                request -> {
                  throw new RequestRefusedException(410, "The \"code\" has expired");
                })
            .get(
                "/defect",
                request -> {
                  throw new IOException("secret");
                })
            .build());
    HttpResponse<String> refused = get("/refused");
    assertThat(refused.statusCode()).isEqualTo(410);
    assertThat(refused.body())
        .isEqualTo("{\"error\":{\"code\":410,\"message\":\"The \\\"code\\\" has expired\"}}\n");
    HttpResponse<String> defect = get("/defect");
    assertThat(defect.statusCode()).isEqualTo(500);
    assertThat(defect.body()).doesNotContain("secret");
    assertThat(server.metrics().internalErrors().sum()).isEqualTo(1);
  }

  @Test
  void unknownPathsAndMethodsAreToldApart() throws Exception {
    restart(
        Application.builder()
            .get("/thing", request -> Response.status(204))
            .post("/thing", request -> Response.status(204))
            .build());
    assertThat(get("/thing").statusCode()).isEqualTo(204);
    assertThat(get("/thing/").statusCode()).isEqualTo(404);
    assertThat(get("/things").statusCode()).isEqualTo(404);
    try (HttpSocket raw = HttpSocket.connect(server.address())) {
      raw.send("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(raw.answer().status()).isEqualTo(400);
    }
    HttpResponse<String> put =
        send(HttpRequest.newBuilder(uri("/thing")).PUT(HttpRequest.BodyPublishers.ofString("x")));
    assertThat(put.statusCode()).isEqualTo(405);
    assertThat(put.headers().firstValue("allow")).contains("GET, POST");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void headIsAnsweredLikeGetWithoutTheBody() throws Exception {
    files.put("index.html", PAGE);
    restart(Application.builder().files("/", this::open).build());
    try (HttpSocket raw = HttpSocket.connect(server.address())) {
      for (String path : new String[] {"/", "/health/live"}) {
        raw.send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
        HttpSocket.Head head = raw.head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.field("content-length").orElseThrow())
            .isEqualTo(String.valueOf(get(path).body().length()));
      }
      // Nothing but heads has come: the next answer begins where it should.
      raw.send("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(raw.answer().body()).isEqualTo("ok\n");
    }
  }

  @Test
  void theServersOwnPathsAreNotForApplications() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Application.builder().get("/channels/x", request -> Response.text("")))
        .withMessageContaining("/channels/x");
  }

  @Test
  void anAnswerCantBreakOutOfItsLine() {
    Response response = Response.text("x");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> response.withHeader("X-Name", "a\r\nSet-Cookie: b"));
    assertThatIllegalArgumentException().isThrownBy(() -> response.withHeader("X Name", "a"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> response.withHeader("Content-Length", "3"));
  }

  // ---- files ----

  @Test
  void filesComeWithTypesTagsAndCompression() throws Exception {
    files.put("index.html", PAGE);
    files.put("lab/index.html", "lab");
    files.put("js/a.js", "1");
    restart(
        Application.builder()
            .get("/api", request -> Response.json("{}"))
            .files("/", this::open)
            .build());
    HttpResponse<String> index = get("/");
    assertThat(index.body()).isEqualTo(PAGE);
    assertThat(index.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(get("/lab/").body()).isEqualTo("lab");
    assertThat(get("/js/a.js").headers().firstValue("content-type"))
        .contains("text/javascript; charset=utf-8");
    assertThat(get("/api").body()).isEqualTo("{}");
    HttpResponse<String> lab = get("/lab?x=1");
    assertThat(lab.statusCode()).isEqualTo(302);
    assertThat(lab.headers().firstValue("location")).contains("lab/");
    assertThat(get("/nothing.css").statusCode()).isEqualTo(404);

    HttpResponse<String> gzip =
        send(HttpRequest.newBuilder(uri("/")).header("Accept-Encoding", "br, gzip"));
    assertThat(gzip.headers().firstValue("content-encoding")).contains("gzip");
    String tag = index.headers().firstValue("etag").orElseThrow();
    HttpResponse<String> known =
        send(HttpRequest.newBuilder(uri("/")).header("If-None-Match", "W/" + tag));
    assertThat(known.statusCode()).isEqualTo(304);
    assertThat(known.body()).isEmpty();
  }

  @Test
  void filesOutsideTheirPlaceStayThere() throws Exception {
    files.put("../secret.txt", "secret");
    files.put("a/../../secret.txt", "secret");
    files.put(".git/x.txt", "secret");
    files.put("..\\secret.txt", "secret");
    restart(Application.builder().files("/", this::open).build());
    for (String target :
        new String[] {
          "/%2e%2e/secret.txt",
          "/..%2fsecret.txt",
          "/a/..%2f..%2fsecret.txt",
          "/.git/x.txt",
          "/..%5csecret.txt"
        }) {
      assertThat(get(target).statusCode()).as(target).isEqualTo(404);
    }
  }

  // ---- WebSockets ----

  @Test
  void aWebSocketIsToldWhatComesAndSendsFromAnyThread() throws Exception {
    restart(Application.builder().webSocket("/play/{room}", this::listen).build());
    Client client = new Client();
    WebSocket socket = connect("/play/7?name=ann", client);
    assertThat(next(told)).isEqualTo("open 7 ann");
    assertThat(next(client.received)).isEqualTo("welcome");
    socket.sendText("grüezi", true).join();
    assertThat(next(told)).isEqualTo("text grüezi");
    socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true).join();
    assertThat(next(told)).isEqualTo("binary 3");
    WebSocketSession session = sessions.take();
    for (int i = 0; i < 100; i++) {
      assertThat(session.sendBinary(ByteBuffer.wrap(new byte[i]))).isTrue();
    }
    assertThat(session.sendText("last")).isTrue();
    for (int i = 0; i < 100; i++) {
      assertThat(next(client.received)).isEqualTo("binary " + i);
    }
    assertThat(next(client.received)).isEqualTo("last");
    socket.sendClose(4321, "enough").join();
    assertThat(next(told)).isEqualTo("close 4321 enough");
    assertThat(session.sendText("late")).isFalse();
  }

  @Test
  void theApplicationClosesWithACodeOfItsOwn() throws Exception {
    restart(Application.builder().webSocket("/play/{room}", this::listen).build());
    Client client = new Client();
    connect("/play/7", client);
    sessions.take().close(4404, "There is no such room");
    assertThat(next(client.received)).isEqualTo("welcome");
    assertThat(next(client.received)).isEqualTo("close 4404 There is no such room");
    assertThat(next(told)).isEqualTo("open 7 nobody");
    assertThat(next(told)).startsWith("close 4404");
  }

  @Test
  void aListenersDefectClosesItsSocketOnly() throws Exception {
    restart(
        Application.builder()
            .webSocket(
                "/bad",
                (request, session) ->
                    new WebSocketListener() {
                      @Override
                      public void onText(String text) {
                        throw new IllegalStateException("on purpose");
                      }
                    })
            .build());
    Client client = new Client();
    connect("/bad", client).sendText("x", true).join();
    assertThat(next(client.received)).isEqualTo("close 1011 The application failed");
    assertThat(server.metrics().internalErrors().sum()).isEqualTo(1);
  }

  @Test
  void aStackThatOverflowsInAListenerEndsItsSocketOnly() throws Exception {
    restart(
        Application.builder()
            .webSocket("/play/{room}", this::listen)
            .webSocket(
                "/bad",
                (request, session) ->
                    new WebSocketListener() {
                      @Override
                      public void onText(String text) {
                        if (!text.isEmpty()) {
                          onText(text); // without end
                        }
                      }
                    })
            .build());
    List<Client> others = List.of(new Client(), new Client(), new Client(), new Client());
    for (Client other : others) {
      connect("/play/7", other);
      assertThat(next(other.received)).isEqualTo("welcome");
    }
    Client client = new Client();
    connect("/bad", client).sendText("x", true).join();
    assertThat(next(client.received)).isEqualTo("close 1011 The application failed");
    assertThat(server.metrics().failures().count(Failures.Place.APPLICATION)).isEqualTo(1);
    sessions.forEach(session -> assertThat(session.sendText("still here")).isTrue());
    for (Client other : others) {
      assertThat(next(other.received)).isEqualTo("still here");
    }
    sessions.forEach(session -> session.close(4000, "over"));
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void anErrorOfAHandlerIsAnsweredAtOnce() throws Exception {
    restart(
        Application.builder()
            .get(
                "/bad",
                request -> {
                  throw new StackOverflowError("on purpose");
                })
            .build());
    assertThat(get("/bad").statusCode()).isEqualTo(500);
    assertThat(server.metrics().failures().count(Failures.Place.REQUEST)).isEqualTo(1);
  }

  /** Some times, for it may go while its socket changes hands. */
  @RepeatedTest(20)
  void aClientThatReadsNothingIsToldAsNotWritable() throws Exception {
    restart(Application.builder().webSocket("/play/{room}", this::listen).build());
    try (HttpSocket slow = HttpSocket.connect(server.address())) {
      slow.send(
          "GET /play/1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      WebSocketSession session = sessions.take();
      ByteBuffer block = ByteBuffer.allocate(32 << 10);
      // A loop that wasn't run for a while makes room once more.
      TestServer.await(
          () -> {
            for (int sent = 0; session.sendBinary(block); sent++) {
              assertThat(sent).isLessThan(10_000);
            }
            return !session.isWritable();
          });
    }
    assertThat(next(told)).isEqualTo("open 1 nobody");
    assertThat(next(told)).startsWith("close 1006");
  }

  @Test
  void anOrdinaryRequestToAWebSocketsPathIsRefused() throws Exception {
    restart(Application.builder().webSocket("/play/{room}", this::listen).build());
    assertThat(get("/play/7").statusCode()).isEqualTo(426);
  }

  private WebSocketListener listen(Request request, WebSocketSession session) {
    told.add("open " + request.variable("room") + " " + request.query("name").orElse("nobody"));
    session.sendText("welcome");
    sessions.add(session);
    return new WebSocketListener() {
      @Override
      public void onText(String text) {
        told.add("text " + text);
      }

      @Override
      public void onBinary(ByteBuffer data) {
        told.add("binary " + data.remaining());
      }

      @Override
      public void onClose(int code, String reason) {
        told.add("close " + code + " " + reason);
      }
    };
  }

  private static final class Client implements WebSocket.Listener {
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      received.add(data.toString());
      return WebSocket.Listener.super.onText(socket, data, last);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      received.add("binary " + data.remaining());
      return WebSocket.Listener.super.onBinary(socket, data, last);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      received.add("close " + code + " " + reason);
      return WebSocket.Listener.super.onClose(socket, code, reason);
    }
  }

  // ---- tools ----

  private @Nullable InputStream open(String name) {
    String content = files.get(name);
    return content == null ? null : new ByteArrayInputStream(content.getBytes(UTF_8));
  }

  private HalleyServer serve(Application application) {
    try {
      return HalleyServer.start(TestServer.config(), broker, application);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private void restart(Application application) {
    server.close();
    server = serve(application);
  }

  private URI uri(String target) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + target);
  }

  private HttpResponse<String> get(String target) throws Exception {
    return send(HttpRequest.newBuilder(uri(target)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private WebSocket connect(String target, Client client) {
    URI uri = URI.create(uri(target).toString().replace("http:", "ws:"));
    return http.newWebSocketBuilder().buildAsync(uri, client).join();
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    String next = queue.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }
}
