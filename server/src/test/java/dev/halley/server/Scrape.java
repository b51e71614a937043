package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code /metrics} says, read as strictly as Prometheus does. */
final class Scrape {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*(?:\\{[a-z_]+=\"[^\"]*\"(?:,[a-z_]+=\"[^\"]*\")*})?) (\\S+)");
  private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) halley_.*|# [HT].*");

  private final String text;
  private final Map<String, Double> samples = new LinkedHashMap<>();

  private Scrape(String text) {
    this.text = text;
    for (String line : text.split("\n", -1)) {
      if (line.isEmpty() || COMMENT.matcher(line).matches()) {
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      double value = Double.parseDouble(sample.group(2).replace("+Inf", "Infinity"));
      assertThat(samples.put(sample.group(1), value)).as("only one of %s", line).isNull();
    }
  }

  static Scrape of(TestServer server) throws Exception {
    HttpSocket.Answer answer = HttpSocket.get(server, "/metrics", "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
    return new Scrape(answer.body());
  }

  /** Scrapes until a sample is as wanted: a loop counts after it has sent. */
  static Scrape until(TestServer server, String sample, DoublePredicate wanted) throws Exception {
    return TestServer.await(
            () -> new Sample(sample, of(server)), it -> wanted.test(it.scrape().value(sample)))
        .scrape();
  }

  /** One sample and where it stands. */
  private record Sample(String name, Scrape scrape) {
    @Override
    public String toString() {
      return name + " " + scrape.value(name) + " in\n" + scrape;
    }
  }

  double value(String sample) {
    assertThat(samples).containsKey(sample);
    return samples.getOrDefault(sample, Double.NaN);
  }

  String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }
}
