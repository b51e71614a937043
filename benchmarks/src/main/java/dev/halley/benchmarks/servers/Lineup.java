package dev.halley.benchmarks.servers;

import dev.halley.benchmarks.peers.JavaWebSocketServer;
import dev.halley.benchmarks.peers.JettyServer;
import dev.halley.benchmarks.peers.NettyServer;
import dev.halley.benchmarks.peers.Paths;
import dev.halley.benchmarks.peers.UndertowServer;
import dev.halley.benchmarks.peers.VertxServer;
import dev.halley.loadgen.Load;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who takes part, all JVMs with the same flags, each with its own jars alone. */
final class Lineup {
  private static final int FIRST_WITH_UNSAFE_FLAG = 23;

  private final Path root;
  private final Path work;
  private final List<String> flags;

  /**
   * Servers as they are built here.
   *
   * @param root of the sources
   * @param work a directory for what servers need
   * @param flags further ones for each JVM
   */
  Lineup(Path root, Path work, List<String> flags) {
    this.root = root;
    this.work = work;
    this.flags = List.copyOf(flags);
  }

  /** Halley, with the flags that all have. */
  Contestant halley() {
    String jar = root.resolve("cli/target/halley/halley.jar").toString();
    return halley(port -> serve(java("-jar", jar), port));
  }

  /** Halley as its launcher starts it, with the start-up cache. */
  Contestant launcher() {
    return halley(port -> serve(List.of(root.resolve("halley").toString()), port));
  }

  private static Contestant halley(Contestant.Command command) {
    return new Contestant("Halley", command, Optional.of(Paths.ECHO), Load::live);
  }

  private static List<String> serve(List<String> halley, int port) {
    List<String> command = new ArrayList<>(halley);
    command.addAll(List.of("serve", "--port", Integer.toString(port), "--echo", Paths.ECHO));
    return command;
  }

  /** All others that this machine has. */
  List<Contestant> peers() {
    List<Contestant> peers = new ArrayList<>();
    peers.add(jvm("Netty", NettyServer.class, "netty-"));
    peers.add(
        jvm("Undertow", UndertowServer.class, "undertow-", "xnio-", "jboss-", "wildfly-", "small"));
    peers.add(jvm("Jetty", JettyServer.class, "jetty-", "slf4j-"));
    peers.add(jvm("Java-WebSocket", JavaWebSocketServer.class, "Java-WebSocket-", "slf4j-"));
    peers.add(jvm("Vert.x", VertxServer.class, "vertx-", "netty-", "jackson-core-2"));
    Nchan.find().ifPresent(it -> peers.add(it.contestant(work)));
    return peers;
  }

  /** Jars that a server doesn't use would make its start longer. */
  private Contestant jvm(String name, Class<?> main, String... jars) {
    Contestant.Command command =
        port -> {
          List<String> path = new ArrayList<>();
          path.add(root.resolve("benchmarks/target/classes").toString());
          path.addAll(jars(List.of(jars)));
          String joined = String.join(File.pathSeparator, path);
          return java("-cp", joined, main.getName(), Integer.toString(port));
        };
    return new Contestant(name, command, Optional.of(Paths.ECHO), channel -> Paths.BROADCAST);
  }

  private List<String> jars(List<String> prefixes) throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(root.resolve("benchmarks/target/lib"), "*.jar")) {
      for (Path jar : all) {
        String file = String.valueOf(jar.getFileName());
        if (prefixes.stream().anyMatch(file::startsWith)) {
          found.add(jar.toString());
        }
      }
    }
    return found.stream().sorted().toList();
  }

  private List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= FIRST_WITH_UNSAFE_FLAG) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-Xms512m");
    command.add("-Xmx2g");
    command.add("-Dio.netty.leakDetection.level=disabled");
    command.addAll(flags);
    command.addAll(List.of(arguments));
    return command;
  }
}
