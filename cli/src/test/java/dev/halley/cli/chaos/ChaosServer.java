package dev.halley.cli.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server process as it ships, started by its launcher, with little of what it needs. */
final class ChaosServer implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on http://([^:]+):(\\d+) .*");

  /** The flag of a server whose log is empty again when the strangers have gone. */
  static final String FORGET = "--history-age";

  private static final int FEW = 1_000;
  private static final String KEY = "the-key-of-the-legitimate-user";

  /** Becomes the server, as the archive's launcher does. */
  private static final String LAUNCH =
      """
      ulimit -n "$CHAOS_DESCRIPTORS" || exit 1
      . "$CHAOS_CLI/src/main/sh/jdk.sh"
      . "$CHAOS_CLI/src/main/sh/launch.sh"
      started='' jar=$CHAOS_CLI/target/halley/halley.jar
      choose_jdk
      launch "$@"
      """;

  /**
   * Threads that the JVM starts and ends as it likes, and the one that the first line logged
   * starts.
   */
  private static final Pattern OF_THE_JVM =
      Pattern.compile(
          "(C[12] Compiler|ForkJoinPool|VirtualThread-|process reaper|GC Thread|G1 |Attach|"
              + "Monitor Deflati|java$|HttpClient-|halley-log$).*");

  /** Files that the JVM opens when it first needs them, and keeps. */
  private static final Pattern LIBRARY = Pattern.compile("/.*\\.(jar|so|jsa|cache)|.*/modules");

  /** Gauges of pools, and of what isn't held for anybody. */
  private static final Pattern KEPT =
      Pattern.compile(
          "halley_(buffer_pool|channels_followed|loop_pending|presence|hook_circuit).*");

  /** Gauges of the log, which keeps what was published for an hour, unless it is told to forget. */
  private static final Pattern LOG = Pattern.compile("halley_broker_.*");

  private static final Pattern UNCONTAINED =
      Pattern.compile(
          "Exception in thread|Unexpected exception|raised an exception|was thrown by|LEAK:"
              + "|A fatal error|Exception: java\\.lang");

  private final Process process;
  private final InetSocketAddress address;
  private final Means means;
  private final Path log;

  private ChaosServer(Process process, InetSocketAddress address, Means means, Path log) {
    this.process = process;
    this.address = address;
    this.means = means;
    this.log = log;
  }

  /**
   * What it is given.
   *
   * @param jvm flags of the JVM, such as {@code -Xmx128m}
   * @param needsKey whether only who knows the API key may publish
   * @param isLogRead whether anybody reads what it writes to standard error
   */
  record Means(
      String jvm, int descriptors, boolean needsKey, boolean isLogRead, List<String> arguments) {}

  /**
   * What it holds at a moment.
   *
   * @param gauges what {@code /metrics} says of all that strangers can make grow
   * @param threads how many there are of each name
   */
  record Vitals(Map<String, Double> gauges, long descriptors, Map<String, Long> threads) {
    /** What is more here than there, in words. */
    List<String> beyond(Vitals other) {
      List<String> more = new ArrayList<>();
      gauges.forEach(
          (name, value) -> {
            if (value > other.gauges().getOrDefault(name, 0.0)) {
              more.add(name + " is " + value + ", was " + other.gauges().get(name));
            }
          });
      if (descriptors > other.descriptors()) {
        more.add("descriptors are " + descriptors + ", were " + other.descriptors());
      }
      threads.forEach(
          (name, count) -> {
            if (count > other.threads().getOrDefault(name, 0L)) {
              more.add("threads " + name + " are " + count);
            }
          });
      other
          .threads()
          .forEach(
              (name, count) -> {
                if (count > threads.getOrDefault(name, 0L)) {
                  more.add("a thread " + name + " has ended");
                }
              });
      return more;
    }
  }

  /** Starts one and waits until it listens; what it logs goes into the directory. */
  static ChaosServer start(Means means, Path directory) throws IOException, InterruptedException {
    Path log = Files.createTempFile(directory, "server", ".log");
    List<String> command = new ArrayList<>(List.of("bash", "-c", LAUNCH, "halley", "serve"));
    command.addAll(List.of("--port", "0", "--heartbeat", "5s"));
    command.addAll(means.arguments());
    if (means.needsKey()) {
      command.addAll(List.of("--api-key", KEY));
    }
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HALLEY_"));
    builder.environment().put("CHAOS_CLI", Path.of("").toAbsolutePath().toString());
    builder.environment().put("CHAOS_DESCRIPTORS", String.valueOf(means.descriptors()));
    builder.environment().put("HALLEY_JAVA_OPTS", means.jvm());
    builder.environment().put("HALLEY_CACHE_DIR", "/nonexistent");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    if (means.isLogRead()) {
      builder.redirectError(log.toFile());
    }
    Process process = builder.start();
    // It would outlive a run that is broken off.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    @SuppressWarnings("resource")
    BufferedReader out = process.inputReader(UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.matches()) {
        InetSocketAddress address =
            new InetSocketAddress(listening.group(1), Integer.parseInt(listening.group(2)));
        return new ChaosServer(process, address, means, log);
      }
    }
    process.destroyForcibly();
    throw new IOException("the server didn't start: " + Files.readString(log));
  }

  InetSocketAddress address() {
    return address;
  }

  /** The field that lets publish, with CR LF, or nothing where everybody may. */
  String credentials() {
    return means.needsKey() ? "Authorization: Bearer " + KEY + "\r\n" : "";
  }

  /** Whether strangers can take all that there are. */
  boolean hasFewDescriptors() {
    return means.descriptors() < FEW;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Stops all its threads, as a debugger, a snapshot or a starved host does. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("bash", "-c", "kill -" + name + " " + process.pid()).start().waitFor();
  }

  /** What it holds now; the connection that asks is over then. */
  Vitals vitals() throws IOException {
    Map<String, Double> gauges = new TreeMap<>();
    try (Wire wire = new Wire(address, LegitimateUser.PATIENCE_MILLIS)) {
      wire.get("/metrics", credentials());
      String gauge = "";
      for (String line : wire.answer().body().lines().toList()) {
        if (line.startsWith("# TYPE ")) {
          gauge =
              line.matches(".* halley_\\w+ gauge")
                  ? line.substring("# TYPE ".length(), line.lastIndexOf(' '))
                  : "";
        } else if (!gauge.isEmpty() && line.startsWith(gauge) && isExpectedBack(line)) {
          int space = line.lastIndexOf(' ');
          gauges.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        }
      }
    }
    if (gauges.isEmpty()) {
      throw new IOException("/metrics has no gauges");
    }
    Path own = Path.of("/proc", String.valueOf(process.pid()));
    Map<String, Long> threads = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(own.resolve("task"))) {
      for (Path task : tasks.toList()) {
        String name = nameOf(task);
        if (!name.isEmpty() && !OF_THE_JVM.matcher(name).matches()) {
          threads.merge(name.replaceAll("-\\d+$", ""), 1L, Long::sum);
        }
      }
    }
    try (Stream<Path> all = Files.list(own.resolve("fd"))) {
      return new Vitals(gauges, all.filter(ChaosServer::isHeld).count(), threads);
    }
  }

  private boolean isExpectedBack(String gauge) {
    return !KEPT.matcher(gauge).matches()
        && (means.arguments().contains(FORGET) || !LOG.matcher(gauge).matches());
  }

  private static boolean isHeld(Path descriptor) {
    try {
      return !LIBRARY.matcher(Files.readSymbolicLink(descriptor).toString()).matches();
    } catch (IOException e) {
      // closed meanwhile
      return false;
    }
  }

  /** Nothing, if the thread has ended meanwhile. */
  private static String nameOf(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Lines of the log that say that something wasn't contained. */
  List<String> uncontained() throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> UNCONTAINED.matcher(line).find()).distinct().limit(5).toList();
    }
  }

  /** Fills the pipe that standard error is, so that who writes one byte more has to wait. */
  void fillErrors() throws IOException, InterruptedException {
    for (int size : new int[] {4096, 1}) {
      String fill =
          "dd if=/dev/zero of=/proc/"
              + process.pid()
              + "/fd/2 oflag=nonblock count=100000 2>/dev/null bs="
              + size;
      new ProcessBuilder("bash", "-c", fill).start().waitFor();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.getInputStream().close();
    process.getErrorStream().close();
  }
}
