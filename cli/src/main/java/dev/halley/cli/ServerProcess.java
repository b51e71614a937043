package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.loadgen.ServerProbe;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, with this process' Java and flags, on any port. */
final class ServerProcess implements ServerProbe, AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on (http://\\S+) after .*");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final URI url;

  private ServerProcess(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts it; when this returns it accepts connections.
   *
   * @param echoPath the path of its echo endpoint
   * @throws CommandException with what it said, if it doesn't start
   */
  static ServerProcess start(String echoPath) {
    try {
      Process process = new ProcessBuilder(command(echoPath)).redirectErrorStream(true).start();
      URI url = listening(process);
      return new ServerProcess(process, url);
    } catch (IOException e) {
      throw CommandException.failure("can't start a server: " + e.getMessage());
    }
  }

  private static List<String> command(String echoPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Neither its own start time, nor a debugger's or an agent's port.
      if (!flag.startsWith("-Dhalley.started")
          && !flag.startsWith("-agent")
          && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Halley.class.getName()));
    command.addAll(List.of("serve", "--port", "0", "--echo", echoPath));
    return command;
  }

  private static URI listening(Process process) throws IOException {
    List<String> said = new ArrayList<>();
    BufferedReader lines = process.inputReader(UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.matches()) {
        Thread.ofPlatform().daemon().name("halley-bench-drain").start(() -> drain(lines));
        return URI.create(listening.group(1));
      }
      said.add(line);
    }
    throw new IOException(String.join(" / ", said));
  }

  /** A server whose output nobody reads would stop one day. */
  private static void drain(BufferedReader lines) {
    try {
      while (lines.readLine() != null) {
        // What it says isn't for here.
      }
    } catch (IOException e) {
      // It has ended.
    }
  }

  URI url() {
    return url;
  }

  @Override
  public OptionalLong cpuNanos() {
    return process
        .info()
        .totalCpuDuration()
        .map(Duration::toNanos)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  @Override
  public OptionalLong residentBytes() {
    try {
      String status = Files.readString(Path.of("/proc/" + process.pid() + "/status"));
      Matcher resident = RESIDENT.matcher(status);
      return resident.find()
          ? OptionalLong.of(Long.parseLong(resident.group(1)) << 10)
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
