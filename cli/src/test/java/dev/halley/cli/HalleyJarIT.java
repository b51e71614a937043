package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HalleyJarIT {
  private static final Pattern LISTENING =
      Pattern.compile("listening on (http://127\\.0\\.0\\.1:\\d+) after \\d+ ms");

  @TempDir private Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  private Process start(String... arguments) throws IOException {
    return start(List.of(), arguments);
  }

  private Process start(List<String> flags, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-jar");
    command.add(Path.of("target/halley/halley.jar").toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HALLEY_"));
    builder.redirectError(directory.resolve("err").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** But for what this machine's own limit of descriptors brings about. */
  private List<String> errors() throws IOException {
    return Files.readAllLines(directory.resolve("err")).stream()
        .filter(line -> !line.startsWith("WARNING: the process may have"))
        .toList();
  }

  private static String url(BufferedReader out) throws IOException {
    Matcher line = LISTENING.matcher(out.readLine());
    assertThat(line.matches()).isTrue();
    return line.group(1);
  }

  /** Sends SIGTERM; {@code Process.destroy} closes the streams as well. */
  private static void terminate(Process process) {
    assertThat(process.toHandle().destroy()).isTrue();
  }

  @Test
  void itServesSaysWhereAndDrainsOnSigterm() throws Exception {
    Process process = start("serve", "--port", "0");
    try (BufferedReader out = process.inputReader(UTF_8);
        HttpClient http = HttpClient.newHttpClient()) {
      URI channel = URI.create(url(out) + "/channels/chat");

      HttpResponse<String> published =
          http.send(
              HttpRequest.newBuilder(channel).POST(BodyPublishers.ofString("hi")).build(),
              BodyHandlers.ofString());
      assertThat(published.statusCode()).isEqualTo(201);
      HttpResponse<String> polled =
          http.send(HttpRequest.newBuilder(channel).build(), BodyHandlers.ofString());
      assertThat(polled.body()).contains("\"base64\":\"aGk=\"");
      HttpRequest listen =
          HttpRequest.newBuilder(channel).header("Accept", "text/event-stream").build();
      try (Stream<String> lines = http.send(listen, BodyHandlers.ofLines()).body()) {
        terminate(process);

        assertThat(lines).contains(": the server stops");
      }
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(out.readLine()).startsWith("memory: ");
      assertThat(out.readLine()).isNull();
    }
    assertThat(errors())
        .singleElement()
        .asString()
        .startsWith("WARNING: no API key is set: anybody who can reach this port may publish.");
  }

  @Test
  void aServerWithKeySaysWhereItListensAndWhatItsBoundsAddUpTo() throws Exception {
    Path file = Files.writeString(directory.resolve("halley.yaml"), "api-key: secret\nport: 0\n");
    Process process = start("serve", "--config", file.toString());
    try (BufferedReader out = process.inputReader(UTF_8)) {
      url(out);
      terminate(process);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(out.readLine()).startsWith("memory: ");
      assertThat(out.readLine()).isNull();
    }
    assertThat(errors()).isEmpty();
  }

  @Test
  void aTakenPortIsOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process = start("serve", "--port", String.valueOf(taken.getLocalPort()));

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(errors())
          .containsExactly(
              "halley: port "
                  + taken.getLocalPort()
                  + " of 127.0.0.1 is taken: choose another with --port");
    }
  }

  @Test
  void theDemoPrintsOneUrlBehindWhichIsAPageAndEndsOnSigterm() throws Exception {
    Process process = start("demo", "--port", "0");
    try (BufferedReader out = process.inputReader(UTF_8);
        HttpClient http = HttpClient.newHttpClient()) {
      Matcher line =
          Pattern.compile("open (http://127\\.0\\.0\\.1:\\d+/) in a browser")
              .matcher(out.readLine());
      assertThat(line.matches()).isTrue();
      HttpResponse<String> page =
          http.send(
              HttpRequest.newBuilder(URI.create(line.group(1))).build(), BodyHandlers.ofString());
      assertThat(page.body()).contains("<main>");

      terminate(process);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      assertThat(out.readLine()).isNull();
    }
    assertThat(errors()).isEmpty();
  }

  @Test
  void aTapShowsWhatTheDemosSay() throws Exception {
    Process process = start("demo", "--port", "0", "--tap", "0");
    try (BufferedReader out = process.inputReader(UTF_8);
        HttpClient http = HttpClient.newHttpClient()) {
      Matcher demo = Pattern.compile("open (http://\\S+/) in a browser").matcher(out.readLine());
      Matcher tap =
          Pattern.compile("(http://\\S+/) shows what is said there").matcher(out.readLine());
      assertThat(demo.matches() && tap.matches()).isTrue();
      URI page = URI.create(demo.group(1));
      assertThat(http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body())
          .contains("<main>");
      HttpRequest link = HttpRequest.newBuilder(page.resolve("/shared/tap")).build();
      assertThat(http.send(link, BodyHandlers.ofString()).body())
          .isEqualTo("{\"url\":\"" + tap.group(1) + "\"}");

      URI events = URI.create(tap.group(1)).resolve("/events");
      HttpResponse<Stream<String>> seen =
          http.send(HttpRequest.newBuilder(events).build(), BodyHandlers.ofLines());
      try (Stream<String> lines = seen.body()) {
        assertThat(lines.filter(line -> line.contains("\"GET\"")).findFirst()).isPresent();
      }

      terminate(process);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(errors()).isEmpty();
  }

  @Test
  void theDemoSaysWhichFlagToChangeWhenThePortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process = start("demo", "--port", String.valueOf(taken.getLocalPort()));

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(errors())
          .containsExactly(
              "halley: port "
                  + taken.getLocalPort()
                  + " of 127.0.0.1 is taken: choose another with --port");
    }
  }

  @Test
  void anUnknownKeyIsOneLine() throws Exception {
    Path file = Files.writeString(directory.resolve("halley.yaml"), "prot: 0\n");
    Process process = start("serve", "--config", file.toString());

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(errors())
        .containsExactly("halley: " + file + ": unknown key prot; did you mean port?");
  }

  @Test
  void aClosedStandardOutputEndsASubscriptionQuietly() throws Exception {
    Process server = start("serve", "--port", "0");
    try (BufferedReader out = server.inputReader(UTF_8);
        HttpClient http = HttpClient.newHttpClient()) {
      String url = url(out);
      Process subscriber = start("subscribe", "chat", "--since", "earliest", "--url", url);
      subscriber.getInputStream().close();
      HttpRequest publish =
          HttpRequest.newBuilder(URI.create(url + "/channels/chat"))
              .POST(BodyPublishers.ofString("hi"))
              .build();
      http.send(publish, BodyHandlers.ofString());

      assertThat(subscriber.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(subscriber.exitValue()).isZero();
    }
  }

  /** Each of them took more time than anything of Halley's own. */
  @Test
  void aStartTouchesNeitherPicocliNorFlightRecorder() throws Exception {
    Path log = directory.resolve("classes");
    Process process = start(List.of("-Xlog:class+load:file=" + log), "serve", "--port", "0");
    try (BufferedReader out = process.inputReader(UTF_8);
        HttpClient http = HttpClient.newHttpClient()) {
      URI channel = URI.create(url(out).replace("http:", "ws:") + "/channels/chat");
      WebSocket socket =
          http.newWebSocketBuilder().buildAsync(channel, new WebSocket.Listener() {}).join();
      socket.abort();
      terminate(process);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    List<String> classes = Files.readAllLines(log);
    assertThat(classes).anyMatch(line -> line.contains(" dev.halley.server.transport.RawSocket "));
    assertThat(classes)
        .noneMatch(line -> line.contains(" picocli."))
        .noneMatch(line -> line.contains(" jdk.jfr.Event "));
  }

  @Test
  void trainingEndsByItself() throws Exception {
    Process process = start("train");

    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(errors()).isEmpty();
  }

  @Test
  void benchStartsAServerMeasuresAndEndsIt() throws Exception {
    Process bench =
        start(
            "bench",
            "--json",
            "--time",
            "200ms",
            "--connections",
            "4",
            "--subscribers",
            "20",
            "--idle",
            "50",
            "--messages",
            "20");
    String json = new String(bench.getInputStream().readAllBytes(), UTF_8);

    assertThat(bench.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(errors()).as("%s", json).isNotEmpty();
    assertThat(bench.exitValue()).as("%s %s", json, errors()).isZero();
    assertThat(json.split("\"measure\"", -1)).hasSize(10);
    assertThat(json)
        .contains("\"faults\":[]", "server CPU, µs per message", "KiB per connection")
        .contains("\"measure\":\"20 subscribers resume, each over 20 messages\"");
    assertThat(bench.descendants()).isEmpty();
  }

  @Test
  void benchOfAServerThatIsNotThereIsAFault() throws Exception {
    Process bench =
        start("bench", "--url", "http://127.0.0.1:1", "--only", "echo", "--time", "100ms");
    String table = new String(bench.getInputStream().readAllBytes(), UTF_8);

    assertThat(bench.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(bench.exitValue()).isEqualTo(CommandException.FAILURE);
    assertThat(table).contains("FAULT: Connection refused");
  }
}
