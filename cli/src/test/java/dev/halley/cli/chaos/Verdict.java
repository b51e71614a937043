package dev.halley.cli.chaos;

import java.util.List;

/**
 * How it went.
 *
 * @param what the faults that were there at the same time
 * @param strangers what strangers saw
 * @param broken the promises that weren't kept, in words
 */
record Verdict(String stage, String what, String strangers, Outcome outcome, List<String> broken) {
  boolean isGood() {
    return broken.isEmpty();
  }

  String markdown() {
    return "| %s | %s | %s | %,d | %,d | %,d | %,d | %,d | %.1f | %.1f | %s |%n"
        .formatted(
            stage,
            what,
            isGood() ? "pass" : "**FAIL**: " + String.join("; ", broken).replace("|", "\\|"),
            outcome.published(),
            outcome.delivered(),
            outcome.gaps(),
            outcome.refusals(),
            outcome.cuts(),
            outcome.slowestMillis() / 1000.0,
            outcome.latestMillis() / 1000.0,
            strangers);
  }
}
