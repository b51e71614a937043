package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** An application that is asked, and answers as the test wants. */
final class FakeApplication implements AutoCloseable {
  /** Says yes. */
  static final Reply YES = say("{\"allow\":true}");

  /** Says no. */
  static final Reply NO = say("{\"allow\":false,\"reason\":\"Not you\"}");

  /** What it says to a question. */
  interface Reply {
    void to(Asked asked) throws IOException, InterruptedException;
  }

  /** A question: its text, and its parts. */
  record Asked(HttpExchange exchange, String body, JsonNode json) {
    String event() {
      return text("event");
    }

    String text(String name) {
      JsonNode value = json.get(name);
      return value == null ? "" : value.isString() ? value.stringValue() : value.toString();
    }

    String field(String name) {
      return String.valueOf(exchange.getRequestHeaders().getFirst(name));
    }

    String header(String name) {
      JsonNode value = json.get("headers").get(name);
      return value == null ? "none" : value.stringValue();
    }
  }

  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Reply reply = YES;

  FakeApplication() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      Asked question = new Asked(exchange, body, Json.parse(body));
      asked.add(question);
      reply.to(question);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/halley");
  }

  /** Hooks with little patience for what never comes. */
  HooksConfig hooks() {
    return HooksConfig.of(url()).withTries(new HooksConfig.Tries(Duration.ofSeconds(10), 0));
  }

  void replies(Reply other) {
    reply = other;
  }

  /** The next question. */
  Asked next() throws InterruptedException {
    Asked question = asked.poll(TestServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(question).as("a question").isNotNull();
    return question;
  }

  /** The next question of that kind; those before it are left out. */
  Asked next(String event) throws InterruptedException {
    Asked question = next();
    while (!question.event().equals(event)) {
      question = next();
    }
    return question;
  }

  /** The kinds of all questions that came and weren't looked at. */
  List<String> events() {
    List<Asked> all = new ArrayList<>();
    asked.drainTo(all);
    return all.stream().map(Asked::event).toList();
  }

  /** What it says depends on the event alone; yes, if nothing is given. */
  static Reply by(Map<String, String> answers) {
    return question -> say(answers.getOrDefault(question.event(), "{\"allow\":true}")).to(question);
  }

  /** Lets in, as soon as there is a permit for each channel. */
  static Reply yesToSubscribingAfter(Semaphore open) {
    return question -> {
      if (question.event().equals("subscribe")) {
        open.acquire();
      }
      YES.to(question);
    };
  }

  static Reply say(String json) {
    return status(200, json);
  }

  /** That may be used again for so many seconds. */
  static Reply sayFor(int seconds, String json) {
    return question -> {
      question.exchange().getResponseHeaders().add("Cache-Control", "private, max-age=" + seconds);
      say(json).to(question);
    };
  }

  static Reply status(int status, String body) {
    return question -> {
      byte[] bytes = body.getBytes(UTF_8);
      question.exchange().sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      if (bytes.length > 0) {
        try (OutputStream out = question.exchange().getResponseBody()) {
          out.write(bytes);
        }
      }
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
