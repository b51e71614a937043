package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code halley train}: does a little of all that the other commands do, in one process, so that a
 * JVM that is told to can write down which classes and methods they need. The launcher runs it once
 * to make the start-up cache. Without picocli, whose classes are too old for a cache: what was
 * loaded together with them would make each start open its jar.
 */
final class Training {
  private static final String ECHO = "/echo";
  private static final int MESSAGES = 300;
  private static final int ECHOES = 300;
  private static final long PATIENCE_SECONDS = 30;

  private Training() {}

  /** Whether that is what this command line asks for. */
  static boolean isMeant(String... arguments) {
    return arguments.length == 1 && arguments[0].equals("train");
  }

  /** Returns the exit code. */
  static int run() throws InterruptedException {
    ServeJob serve = new ServeJob(Map.of(), silent(OutputStream.nullOutputStream()));
    ServeFlags flags = ServeFlags.readPlain("serve", "--port", "0", "--echo", ECHO).orElseThrow();
    try (ServeJob.Running running = serve.start(flags)) {
      serve.announce(running);
      Endpoint endpoint = Endpoint.of(HttpUrls.of(running.server().address()));
      List<Thread> listeners = listeners(endpoint);
      publish(endpoint);
      echo(endpoint, ECHO, ECHOES);
      // A bare WebSocket hears what it publishes.
      echo(endpoint, "/channels/train-bare", 1);
      for (Thread listener : listeners) {
        if (!listener.join(Duration.ofSeconds(PATIENCE_SECONDS))) {
          throw CommandException.failure(listener.getName() + " did not end");
        }
      }
    }
    return 0;
  }

  private static Terminal silent(OutputStream out) {
    PrintStream stream = new PrintStream(out, false, UTF_8);
    return new Terminal(InputStream.nullInputStream(), stream, stream);
  }

  /** Two of each transport, which end when they have read all that is published. */
  private static List<Thread> listeners(Endpoint endpoint) {
    List<Thread> threads = new ArrayList<>();
    for (SubscribeCommand.Transport transport : SubscribeCommand.Transport.values()) {
      for (int i = 0; i < 2; i++) {
        Runnable listen = () -> listen(endpoint, transport);
        threads.add(Thread.ofPlatform().daemon().name("train-" + transport).start(listen));
      }
    }
    return threads;
  }

  private static void listen(Endpoint endpoint, SubscribeCommand.Transport transport) {
    Pause pause = Thread::sleep;
    Duration interval = Duration.ofMillis(20);
    Cursors cursors = new Cursors(List.of("train"), "earliest");
    Subscription subscription =
        new Subscription(
            silent(OutputStream.nullOutputStream()),
            cursors,
            MESSAGES,
            true,
            Subscription.Form.ESCAPED,
            new Backoff(new Random()));
    try {
      subscription.run(SubscribeCommand.feed(transport, endpoint, interval, pause), pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void publish(Endpoint endpoint) throws InterruptedException {
    Publisher publisher =
        new Publisher(
            endpoint,
            Optional.of("key"),
            Duration.ofSeconds(PATIENCE_SECONDS),
            new Publisher.Retries(
                InstantSource.system(), new Backoff(new Random()), Thread::sleep));
    List<String> types = List.of("text/plain", "application/json", "application/octet-stream");
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = ("{\"n\":" + i + "}").getBytes(UTF_8);
      publisher.publish("train", types.get(i % types.size()), message, "train-" + i);
    }
  }

  private static void echo(Endpoint endpoint, String path, int count) throws InterruptedException {
    CountDownLatch echoes = new CountDownLatch(count);
    URI uri = URI.create(endpoint.base().toString().replace("http:", "ws:") + path);
    WebSocket socket =
        endpoint.http().newWebSocketBuilder().buildAsync(uri, new Counter(echoes)).join();
    for (int i = 0; i < count; i++) {
      socket.sendText("echo " + i, true).join();
    }
    if (!echoes.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw CommandException.failure("the echo did not come back");
    }
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  private record Counter(CountDownLatch echoes) implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      socket.request(1);
      echoes.countDown();
      return null;
    }
  }
}
