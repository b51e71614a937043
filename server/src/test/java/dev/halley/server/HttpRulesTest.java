package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of what HTTP asks of an origin server: each row has a rule, and tests that exist. */
class HttpRulesTest {
  private static final Pattern NAMED =
      Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:\\.([a-z]\\w*))?`");

  private static List<String[]> rows() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(HttpRulesTest.class.getResourceAsStream("/http/http-rules.md"))) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> line.startsWith("| RFC "))
          .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
          .toList();
    }
  }

  @Test
  void eachRowHasASectionARuleAnAnswerAndTestsThatExist() throws Exception {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    for (String[] row : rows()) {
      String said = String.join(" | ", row);
      assertThat(row).as(said).hasSize(4).noneMatch(String::isBlank);
      assertThat(row[0]).matches("RFC 91(10|11|12|13) [0-9].*");
      Matcher named = NAMED.matcher(row[3]);
      int count = 0;
      while (named.find()) {
        assertThat(sources).as(said).containsKey(named.group(1));
        if (named.group(2) != null) {
          assertThat(sources.get(named.group(1)))
              .as(named.group())
              .containsPattern("void " + named.group(2) + "\\(");
        }
        count++;
      }
      assertThat(count).as(said).isPositive();
    }
  }

  @Test
  void eachOfTheFourIsThere() throws Exception {
    assertThat(new TreeSet<>(rows().stream().map(row -> row[0].substring(4, 8)).toList()))
        .containsExactlyElementsOf(Arrays.asList("9110", "9111", "9112", "9113"));
    assertThat(rows()).hasSizeGreaterThan(60);
  }
}
