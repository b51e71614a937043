package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The threat model names tests; they exist. */
class ThreatModelTest {
  private static final Pattern NAMED =
      Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:\\.([a-z]\\w*))?`");

  @Test
  void eachTestThatItNamesExists() throws Exception {
    Map<String, StringBuilder> sources = new TreeMap<>();
    for (String module : new String[] {"websocket", "broker", "server", "inspector", "cli"}) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/test/java"))) {
        for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
          String name = file.getFileName().toString().replace(".java", "");
          sources.computeIfAbsent(name, it -> new StringBuilder()).append(Files.readString(file));
        }
      }
    }
    Matcher named = NAMED.matcher(Files.readString(Path.of("../docs/security.md")));
    int count = 0;
    while (named.find()) {
      assertThat(sources).as(named.group()).containsKey(named.group(1));
      if (named.group(2) != null) {
        assertThat(sources.get(named.group(1)))
            .as(named.group())
            .contains("void " + named.group(2) + "(");
      }
      count++;
    }
    assertThat(count).isGreaterThan(40);
  }
}
