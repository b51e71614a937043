package dev.halley.benchmarks.servers;

import dev.halley.loadgen.Load;
import dev.halley.loadgen.LoadLoop;
import dev.halley.loadgen.LoadResult;
import dev.halley.loadgen.ServerProbe;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A server in a process of its own, with all that the process has started. */
final class RunningServer implements ServerProbe, AutoCloseable {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long BETWEEN_TRIES_NANOS = 200_000;
  private static final int LINES_TO_SHOW = 5;
  private static final long PATIENCE_AT_END_SECONDS = 5;

  private final Contestant contestant;
  private final Process process;
  private final InetSocketAddress address;
  private final Path log;

  private RunningServer(
      Contestant contestant, Process process, InetSocketAddress address, Path log) {
    this.contestant = contestant;
    this.process = process;
    this.address = address;
    this.log = log;
  }

  /**
   * Starts the process, and no more.
   *
   * @param pinning a command that runs the command after it on the server's processors; may be
   *     empty
   * @param log what it says is added there
   */
  static RunningServer launch(Contestant contestant, List<String> pinning, Path log)
      throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    int port = freePort(loopback);
    List<String> command = new ArrayList<>(pinning);
    command.addAll(contestant.command().on(port));
    File output = log.toFile();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
            .start();
    return new RunningServer(contestant, process, new InetSocketAddress(loopback, port), log);
  }

  private static int freePort(InetAddress loopback) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
      return free.getLocalPort();
    }
  }

  /** Waits until it accepts a connection, which the caller closes. */
  Socket firstConnection() throws IOException {
    long start = System.nanoTime();
    while (true) {
      Socket socket = new Socket();
      try {
        socket.connect(address);
        return socket;
      } catch (IOException e) {
        socket.close();
        if (!process.isAlive() || System.nanoTime() - start > PATIENCE_NANOS) {
          throw new IOException(contestant.name() + " doesn't start: " + lastSaid(), e);
        }
        LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
      }
    }
  }

  private String lastSaid() throws IOException {
    List<String> said = Files.readAllLines(log, Charset.defaultCharset());
    return String.join(" / ", said.subList(Math.max(0, said.size() - LINES_TO_SHOW), said.size()));
  }

  /** Waits until it accepts. */
  RunningServer awaitStart() throws IOException {
    firstConnection().close();
    return this;
  }

  InetSocketAddress address() {
    return address;
  }

  long pid() {
    return process.pid();
  }

  /** Measures, on connections of its own. */
  LoadResult run(Load load) throws IOException {
    try (LoadLoop loop = new LoadLoop(address, List.of(), false)) {
      return load.run(loop, this, progress -> {});
    }
  }

  private void collectGarbage(ProcessHandle one) throws IOException {
    if (!one.info().command().orElse("").endsWith("/java")) {
      return;
    }
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      new ProcessBuilder(jcmd.toString(), Long.toString(one.pid()), "GC.run")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start()
          .waitFor(PATIENCE_AT_END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<ProcessHandle> all() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
  }

  @Override
  public OptionalLong cpuNanos() {
    long sum = 0;
    for (ProcessHandle one : all()) {
      Optional<Duration> used = one.info().totalCpuDuration();
      if (used.isEmpty()) {
        return OptionalLong.empty();
      }
      sum += used.get().toNanos();
    }
    return OptionalLong.of(sum);
  }

  /** Of a JVM after its garbage has been collected. */
  @Override
  public OptionalLong residentBytes() {
    long sum = 0;
    for (ProcessHandle one : all()) {
      try {
        collectGarbage(one);
        String status = Files.readString(Path.of("/proc/" + one.pid() + "/status"));
        Matcher resident = RESIDENT.matcher(status);
        if (resident.find()) {
          sum += Long.parseLong(resident.group(1)) << 10;
        }
      } catch (IOException e) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of(sum);
  }

  @Override
  public void close() {
    List<ProcessHandle> all = all();
    process.destroy();
    try {
      process.waitFor(PATIENCE_AT_END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
