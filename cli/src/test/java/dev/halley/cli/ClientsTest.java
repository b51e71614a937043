package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Cursor;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ClientsTest {
  private MemoryBroker broker;
  private HalleyServer server;
  private String url;

  ClientsTest() throws IOException {
    broker = MemoryBroker.start(MemoryBroker.Config.defaults());
    server = HalleyServer.start(config(0), broker);
    url = HttpUrls.of(server.address());
  }

  private static ServerConfig config(int port) {
    ServerConfig defaults = ServerConfig.defaults();
    ServerConfig.Timing timing = defaults.timing();
    return defaults
        .withNetwork(new ServerConfig.Network("127.0.0.1", port, ServerConfig.Io.AUTO, 1))
        .withTiming(
            new ServerConfig.Timing(
                timing.handshake(),
                timing.keepAlive(),
                timing.maxWait(),
                timing.heartbeat(),
                timing.silence(),
                Duration.ofSeconds(2)));
  }

  @BeforeEach
  void hasAddress() {
    assertThat(url).startsWith("http://127.0.0.1:");
  }

  @AfterEach
  void stop() {
    server.close();
    broker.close();
  }

  private String publish(String channel, Payload payload) {
    return broker
        .publish(channel, payload, Optional.empty())
        .toCompletableFuture()
        .join()
        .toString();
  }

  private List<String> published(String channel) {
    return broker
        .history(channel, new Cursor.Earliest(), new ReadLimit(100, 1 << 20))
        .toCompletableFuture()
        .join()
        .publications()
        .stream()
        .map(publication -> publication.payload().type() + " " + publication.payload().asText())
        .toList();
  }

  private CommandRun subscribe(
      String channels, SubscribeCommand.Transport transport, String since) {
    return CommandRun.of(
        "subscribe",
        channels,
        "--url",
        url,
        "--transport",
        ValueType.name(transport),
        "--since",
        since,
        "--limit",
        "4",
        "--verbose");
  }

  @ParameterizedTest
  @EnumSource
  void allTransportsPrintTheSameInTheSameOrder(SubscribeCommand.Transport transport) {
    String a = publish("chat", Payload.text("zwei\nZeilen\r\"ü\""));
    String b = publish("chat", Payload.json("{\"n\":1.50, \"s\":[\"\\n\"]}"));
    String c = publish("chat", Payload.binary(new byte[] {0, 1, 2}));
    String d = publish("chat", Payload.text(""));

    CommandRun run = subscribe("chat", transport, "earliest");

    // An event stream has no CR of its own: each line end becomes an LF.
    String cr = transport == SubscribeCommand.Transport.SSE ? "\\n" : "\\r";
    assertThat(run.out())
        .containsExactly(
            "chat " + a + "\tzwei\\nZeilen" + cr + "\"ü\"",
            "chat " + b + "\t{\"n\":1.50, \"s\":[\"\\n\"]}",
            "chat " + c + "\tAAEC",
            "chat " + d + "\t");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void aMessageSteersNoTerminalAndForgesNoLine() {
    publish("chat", Payload.text("a\u001b]0;owned\u0007\u009b31m\u202eb\u007f\nc\\nd\te"));
    publish("chat", Payload.json("{\"a\":\"\u009b31m\\n\u202e\",\n\"b\":1}"));
    String[] command = {"subscribe", "chat", "--url", url, "--since", "earliest", "--limit", "2"};

    assertThat(CommandRun.of(command).out())
        .containsExactly(
            "a\\u001b]0;owned\\u0007\\u009b31m\\u202eb\\u007f\\nc\\\\nd\\te",
            "{\"a\":\"\\u009b31m\\n\\u202e\", \"b\":1}");
    assertThat(CommandRun.of(with(command, "--json")).out())
        .allSatisfy(it -> assertThat(it).matches("\\{\"channel\":\"chat\",[\\x20-\\x7e]*}"));
    assertThat(CommandRun.of(with(command, "--raw")).out()).hasSize(4);
    assertThat(CommandRun.of(with(command, "--raw", "--json")).exitCode()).isEqualTo(2);
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
  }

  @ParameterizedTest
  @EnumSource
  void severalChannelsAreToldApart(SubscribeCommand.Transport transport) {
    String a = publish("a", Payload.text("1"));
    String b = publish("b", Payload.text("2"));
    String c = publish("a", Payload.text("3"));
    String d = publish("b", Payload.text("4"));

    assertThat(subscribe("a,b", transport, "earliest").out())
        .containsExactlyInAnyOrder(
            "a " + a + "\t1", "b " + b + "\t2", "a " + c + "\t3", "b " + d + "\t4");
  }

  @ParameterizedTest
  @EnumSource
  void aRestartedServerIsReadOnAndItsGapIsTold(SubscribeCommand.Transport transport)
      throws Exception {
    BlockingQueue<String> out = new LinkedBlockingQueue<>();
    BlockingQueue<String> err = new LinkedBlockingQueue<>();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    AtomicInteger pauses = new AtomicInteger();
    CountDownLatch down = new CountDownLatch(1);
    CountDownLatch up = new CountDownLatch(1);
    publish("chat", Payload.text("old"));
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  listen(
                      transport,
                      new Terminal(InputStream.nullInputStream(), lines(out), lines(err)),
                      duration -> (pauses.getAndIncrement() == 0 ? down : up).await());
                  ended.complete(null);
                });
    assertThat(out.poll(30, TimeUnit.SECONDS)).isEqualTo("old");

    int port = server.address().getPort();
    server.close();
    down.countDown();
    broker.close();
    broker = MemoryBroker.start(MemoryBroker.Config.defaults());
    server = HalleyServer.start(config(port), broker);
    publish("chat", Payload.text("new"));
    up.countDown();

    assertThat(out.poll(30, TimeUnit.SECONDS)).isEqualTo("new");
    ended.get(30, TimeUnit.SECONDS);
    assertThat(err).anyMatch(line -> line.startsWith("halley: gap in chat: lost from "));
    reader.join();
  }

  private void listen(SubscribeCommand.Transport transport, Terminal terminal, Pause pause) {
    Subscription subscription =
        new Subscription(
            terminal,
            new Cursors(List.of("chat"), "earliest"),
            2,
            false,
            Subscription.Form.ESCAPED,
            new Backoff(new Random(1)));
    try {
      subscription.run(
          SubscribeCommand.feed(transport, Endpoint.of(url), Duration.ofMillis(10), pause), pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static PrintStream lines(BlockingQueue<String> lines) {
    return new PrintStream(
        new OutputStream() {
          private final StringBuilder line = new StringBuilder();

          @Override
          public void write(int b) {
            if (b == '\n') {
              lines.add(line.toString());
              line.setLength(0);
            } else {
              line.append((char) b);
            }
          }
        },
        true,
        UTF_8);
  }

  @Test
  void publishTakesAnArgument() {
    CommandRun run = CommandRun.of("publish", "chat", "hällo", "--url", url, "--verbose");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).singleElement().asString().endsWith(":1");
    assertThat(published("chat")).containsExactly("TEXT hällo");
  }

  @Test
  void publishTakesEachLineOfStandardInput() {
    CommandRun run =
        CommandRun.of(
            Map.of("HALLEY_URL", url), "{\"n\":1}\n[2]\n", "publish", "chat", "--type", "json");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(published("chat")).containsExactly("JSON {\"n\":1}", "JSON [2]");
  }

  @Test
  void publishReadsBinaryAsSubscribePrintsIt() {
    assertThat(
            CommandRun.of("publish", "chat", "aGk=", "--type", "binary", "--url", url).exitCode())
        .isZero();
    assertThat(published("chat")).containsExactly("BINARY hi");
  }

  @Test
  void whatTheServerRefusesIsToldInItsWords() {
    CommandRun run = CommandRun.of("publish", "chat", "{", "--type", "json", "--url", url);

    assertThat(run.exitCode()).isEqualTo(CommandException.FAILURE);
    assertThat(run.err())
        .singleElement()
        .asString()
        .startsWith("halley: The body is not JSON")
        .endsWith("(400)");
  }

  @Test
  void aKeyIsNeededWhereTheServerHasOne() throws IOException {
    server.close();
    server =
        HalleyServer.start(
            config(0).withAccess(new ServerConfig.Access(Optional.of("secret"), List.of())),
            broker);
    url = HttpUrls.of(server.address());

    assertThat(CommandRun.of("publish", "chat", "hi", "--url", url).exitCode()).isEqualTo(1);
    assertThat(
            CommandRun.of(
                    Map.of("HALLEY_API_KEY", "secret"), "", "publish", "chat", "hi", "--url", url)
                .exitCode())
        .isZero();
    assertThat(published("chat")).containsExactly("TEXT hi");
  }

  @Test
  void aRetryAfterALostAnswerIsNotASecondMessage() throws Exception {
    try (LossyProxy proxy = new LossyProxy(server.address(), 1)) {
      CommandRun run =
          CommandRun.of(
              Map.of("HALLEY_URL", proxy.url()), "one\ntwo\n", "publish", "chat", "--verbose");

      assertThat(run.err()).isEmpty();
      assertThat(run.out()).hasSize(2);
    }
    assertThat(published("chat")).containsExactly("TEXT one", "TEXT two");
  }

  @Test
  void aServerThatIsNotThereIsToldWhenPatienceIsOver() {
    server.close();

    CommandRun run = CommandRun.of("publish", "chat", "hi", "--url", url, "--timeout", "300ms");

    assertThat(run.exitCode()).isEqualTo(CommandException.FAILURE);
    assertThat(run.err())
        .containsExactly("halley: not published to " + url + ": connection refused");
  }
}
