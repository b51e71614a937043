package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Limit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The operator finds what happens at each limit, and by what it is counted. */
class LimitsDocumentTest {
  private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| .+ \\| `([^`]+)` \\|");
  private static final String COUNTER = "halley_limits_exceeded_total";

  /** Of the broker, which counts them itself. */
  private static final Set<String> BROKER =
      Set.of("channels.max", "history.total-bytes", "idempotency.keys");

  /** What bounds nothing that a stranger does. */
  private static final Set<String> NO_LIMITS =
      Set.of(
          "channels.idle",
          "idempotency.window",
          "presence.everywhere",
          "presence.lease",
          "presence.grace");

  private static final List<String> BOUNDS =
      List.of("limits.", "rates.", "http2.", "history.", "channels.", "idempotency.", "presence.");

  private static String document() throws IOException {
    return Files.readString(Path.of("../docs/operations.md"));
  }

  /** The metric by limit. */
  private static Map<String, String> table() throws IOException {
    String document = document();
    String table =
        document.substring(
            document.indexOf("<!-- limits -->"), document.indexOf("<!-- /limits -->"));
    Map<String, String> metrics = new LinkedHashMap<>();
    Matcher row = ROW.matcher(table);
    while (row.find()) {
      assertThat(metrics.put(row.group(1), row.group(2))).as(row.group(1)).isNull();
    }
    return metrics;
  }

  private static boolean isLimit(String key) {
    return (BOUNDS.stream().anyMatch(key::startsWith)
            || key.endsWith("-timeout")
            || key.equals("max-wait"))
        && !NO_LIMITS.contains(key);
  }

  @Test
  void eachSettingThatBoundsSomethingIsInTheTable() throws IOException {
    List<String> limits =
        Settings.all().stream().map(Setting::key).filter(LimitsDocumentTest::isLimit).toList();
    assertThat(limits).hasSizeGreaterThan(20);
    assertThat(table()).containsKeys(limits.toArray(new String[0]));
  }

  @Test
  void eachCountedLimitIsASettingAndTheTableSaysByWhatItIsCounted() throws IOException {
    List<String> known =
        Stream.concat(
                Settings.all().stream().map(Setting::key),
                Stream.of("rate.per-channel", "rate.per-connection"))
            .toList();
    Map<String, String> metrics = table();
    List<String> counted =
        Stream.concat(Arrays.stream(Limit.values()).map(Limit::key), BROKER.stream()).toList();
    assertThat(known).containsAll(counted);
    for (String key : metrics.keySet()) {
      assertThat(known).contains(key);
      assertThat(metrics.get(key).equals(COUNTER)).as(key).isEqualTo(counted.contains(key));
    }
    assertThat(metrics.keySet()).containsAll(counted);
  }

  @Test
  void eachMetricOfTheTableIsExplained() throws IOException {
    String document = document();
    String explained = document.substring(0, document.indexOf("## Limits"));
    assertThat(table().values()).allSatisfy(metric -> assertThat(explained).contains("`" + metric));
  }
}
