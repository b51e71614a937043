package dev.halley.cli.chaos;

import java.util.List;

/** The verdicts as Markdown. */
final class ChaosReport {
  private ChaosReport() {}

  static String of(long seed, List<Verdict> verdicts) {
    StringBuilder text = new StringBuilder();
    long failed = verdicts.stream().filter(it -> !it.isGood()).count();
    text.append("seed ").append(seed).append(": ");
    text.append(verdicts.size() - failed).append(" passed, ").append(failed).append(" failed\n\n");
    text.append(
        """
        | the server has | fault | verdict | published | delivered | gaps | refused | cut | slowest answer, s | latest delivery, s | strangers |
        | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
        """);
    verdicts.forEach(it -> text.append(it.markdown()));
    return text.toString();
  }
}
