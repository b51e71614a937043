package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ServerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What is given to those who don't build it: the archives, the image, and what stands in them. */
@Tag("unprivileged")
@Timeout(180)
class ArchiveIT {
  private static final Path BUILT = Path.of("target").toAbsolutePath();
  private static final String EPOLL =
      "libnetty_transport_native_epoll_"
          + (System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64")
          + ".so";
  private static final Path IMAGE = BUILT.resolve("image-without-base.tar");

  /** A space shows who forgot to quote. */
  @TempDir(factory = SpaciousDirectory.class)
  private Path directory;

  @TempDir private Path plainDirectory;
  private final List<Process> processes = new ArrayList<>();
  private Path home = Path.of("");

  @BeforeEach
  void unpack() throws Exception {
    run("tar", "-xzf", archive(".tar.gz").toString());
    try (Stream<Path> files = Files.list(directory)) {
      home = files.findFirst().orElseThrow();
    }
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void anUnpackedOneServesAndDrains() throws Exception {
    serveAndDrain(Map.of());
    assertThat(home.resolve("startup.cache")).isNotEmptyFile();
  }

  @Test
  void theCacheIsWhereTheServiceHasIt() throws Exception {
    assertThat(Files.readString(home.resolve("systemd/halley.service")))
        .contains("\nEnvironment=HALLEY_CACHE_DIR=/");
    serveAndDrain(Map.of("HALLEY_CACHE_DIR", plainDirectory.toString()));
    assertThat(plainDirectory.resolve("startup.cache")).isNotEmptyFile();
    assertThat(home.resolve("startup.cache")).doesNotExist();
  }

  private void serveAndDrain(Map<String, String> variables) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("bin/halley").toString(), "serve", "--port", "0")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeIf(name -> name.startsWith("HALLEY_"));
    builder.environment().putAll(variables);
    // What is warmed when the server listens already isn't the start's.
    builder.environment().put("HALLEY_JAVA_OPTS", "-Dhalley.warm-up=false");
    Process process = builder.start();
    processes.add(process);
    try (BufferedReader out = process.inputReader(UTF_8);
        HttpClient http = HttpClient.newHttpClient()) {
      Matcher line = Pattern.compile("listening on (http://\\S+) after .*").matcher(out.readLine());
      assertThat(line.matches()).isTrue();
      URI ready = URI.create(line.group(1) + "/health/ready");
      assertThat(http.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString()).body())
          .isEqualTo("ok\n");
      assertThat(openJars(process).lines())
          .as("jars that a start with the cache opens")
          .allMatch(jar -> jar.endsWith("/halley.jar"));
      assertThat(Path.of("/proc/" + process.pid() + "/maps"))
          .content()
          .contains(home.toRealPath().resolve("native/" + EPOLL).toString());
      assertThat(process.toHandle().destroy()).isTrue();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
  }

  private String openJars(Process process) throws Exception {
    String descriptors = "/proc/" + process.pid() + "/fd";
    return run("find", descriptors, "-ignore_readdir_race", "-lname", "*.jar", "-printf", "%l\n");
  }

  @Test
  void nothingInThemSaysWhereOrWhenTheyWereBuilt() throws Exception {
    Map<String, byte[]> zipped = new TreeMap<>();
    try (ZipFile zip = new ZipFile(archive(".zip").toFile())) {
      for (ZipEntry entry : zip.stream().filter(it -> !it.isDirectory()).toList()) {
        assertThat(entry.getTimeLocal()).isEqualTo(LocalDateTime.of(2026, 11, 22, 0, 0));
        try (InputStream in = zip.getInputStream(entry)) {
          zipped.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    Map<String, byte[]> unpacked = new TreeMap<>();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        unpacked.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    assertThat(zipped.keySet()).isEqualTo(unpacked.keySet());
    String here = Path.of("..").toAbsolutePath().normalize().toString();
    zipped.forEach(
        (name, bytes) -> {
          assertThat(bytes).as(name).isEqualTo(unpacked.get(name));
          assertThat(new String(bytes, UTF_8).contains(here)).as(name).isFalse();
        });
  }

  @Test
  void theBillOfMaterialsHasEachLibraryOfOthersWithItsHash() throws Exception {
    Path file = home.resolve("halley-sbom.json");
    assertThat(file).as("made online alone: build without -o").exists();
    JsonNode bill = JsonMapper.shared().readTree(file.toFile());
    Map<String, String> hashes = new TreeMap<>();
    for (JsonNode component : bill.get("components")) {
      for (JsonNode hash : component.path("hashes")) {
        if (hash.get("alg").stringValue().equals("SHA-256")) {
          hashes.put(hash.get("content").stringValue(), component.get("name").stringValue());
        }
      }
    }
    try (Stream<Path> libraries = Files.list(home.resolve("lib"))) {
      List<Path> others =
          libraries.filter(it -> !it.getFileName().toString().startsWith("halley-")).toList();
      assertThat(others).hasSizeGreaterThan(20);
      for (Path library : others) {
        assertThat(hashes).as("%s", library.getFileName()).containsKey(sha256(library));
      }
    }
  }

  @Test
  void systemdTakesTheServiceAndFindsLittleThatIsExposed() throws Exception {
    String service = Files.readString(home.resolve("systemd/halley.service"));
    // A unit's command can't have a space in it, but what it is reached by can do without.
    Path link = Files.createSymbolicLink(plainDirectory.resolve("halley"), home);
    String here = service.replace("/opt/halley", link.toString());
    Path unit = Files.writeString(directory.resolve("halley.service"), here);
    assertThat(run("systemd-analyze", "verify", unit.toString())).isEmpty();
    // Of 100, which is no protection at all.
    run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit.toString());

    Duration stop =
        Duration.ofSeconds(
            Long.parseLong(service.replaceAll("(?s).*\nTimeoutStopSec=(\\d+)\n.*", "$1")));
    assertThat(stop).isGreaterThan(timeToLeave(home.resolve("halley.example.yaml")));
  }

  @Test
  void thePodIsAskedWhatTheServerAnswersAndHasTheTimeToLeave() throws Exception {
    Map<String, JsonNode> byKind = new TreeMap<>();
    try (var documents =
        new YAMLMapper()
            .readerFor(JsonNode.class)
            .<JsonNode>readValues(home.resolve("kubernetes/halley.yaml").toFile())) {
      documents.forEachRemaining(it -> byKind.put(it.get("kind").stringValue(), it));
    }
    assertThat(byKind.keySet()).containsExactly("ConfigMap", "Deployment", "Service");
    Path settings =
        Files.writeString(
            directory.resolve("pod.yaml"),
            requireNonNull(byKind.get("ConfigMap")).at("/data/halley.yaml").stringValue());
    JsonNode pod = requireNonNull(byKind.get("Deployment")).at("/spec/template/spec");
    JsonNode container = pod.at("/containers/0");

    assertThat(Duration.ofSeconds(pod.get("terminationGracePeriodSeconds").longValue()))
        .isGreaterThan(timeToLeave(settings));
    assertThat(container.at("/readinessProbe/httpGet/path").stringValue())
        .isEqualTo("/health/ready");
    assertThat(container.at("/livenessProbe/httpGet/path").stringValue()).isEqualTo("/health/live");
    int port = container.at("/ports/0/containerPort").intValue();
    assertThat(server(settings).network().port()).isEqualTo(port);
    assertThat(server(settings).network().host()).isEqualTo("0.0.0.0");
    JsonNode image = imageConfiguration();
    assertThat(image.get("ExposedPorts").has(port + "/tcp")).isTrue();
    JsonNode security = pod.get("securityContext");
    assertThat(image.get("User").stringValue())
        .isEqualTo(
            security.get("runAsUser").longValue() + ":" + security.get("runAsGroup").longValue());
  }

  @Test
  void theImageStartsTheServerWithAllLibraries() throws Exception {
    JsonNode image = imageConfiguration();
    List<String> entrypoint = new ArrayList<>();
    image.get("Entrypoint").forEach(it -> entrypoint.add(it.stringValue()));
    assertThat(entrypoint).startsWith("java").endsWith("dev.halley.cli.Halley");
    assertThat(image.at("/Cmd/0").stringValue()).isEqualTo("serve");

    List<String> files = new ArrayList<>();
    JsonNode manifest =
        JsonMapper.shared().readTree(run("tar", "-xOf", "" + IMAGE, "manifest.json"));
    for (JsonNode layer : manifest.at("/0/Layers")) {
      run("tar", "-xf", IMAGE.toString(), layer.stringValue());
      files.addAll(run("tar", "-tzf", layer.stringValue()).lines().toList());
    }
    try (Stream<Path> libraries = Files.list(home.resolve("lib"))) {
      assertThat(files)
          .containsAll(libraries.map(it -> "app/libs/" + it.getFileName()).toList())
          .contains("app/classes/dev/halley/cli/Halley.class");
    }
  }

  private JsonNode imageConfiguration() throws Exception {
    return JsonMapper.shared()
        .readTree(run("tar", "-xOf", IMAGE.toString(), "config.json"))
        .get("config");
  }

  private static ServerConfig server(Path settings) {
    return ConfigurationReader.read(Map.of(), Map.of(), Optional.of(settings.toString())).server();
  }

  private static Duration timeToLeave(Path settings) {
    ServerConfig config = server(settings);
    return config.drain().announce().plus(config.timing().drain());
  }

  private static Path archive(String ending) throws IOException {
    try (Stream<Path> files = Files.list(BUILT)) {
      return files
          .filter(it -> it.getFileName().toString().matches("halley-\\d.*" + Pattern.quote(ending)))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String sha256(Path file) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(hash);
  }

  /** What a command says, on both ways; it must end well. */
  private String run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    processes.add(process);
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), said).isZero();
    return said;
  }
}
