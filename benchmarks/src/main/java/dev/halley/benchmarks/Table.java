package dev.halley.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Rows of Markdown; every number is larger-is-better unless a row says otherwise. */
final class Table {
  private static final String NOTHING = "–";
  private static final List<String> HEAD =
      List.of(
          "measure",
          "Halley",
          "Netty",
          "Jetty",
          "Undertow",
          "÷ best peer",
          "reference",
          "÷ reference",
          "target",
          "met");

  private final List<List<String>> rows = new ArrayList<>();

  /**
   * One measure of all contestants.
   *
   * @param reference what it is and its number
   * @param target how many times the best peer Halley should reach; 0 if none was set
   */
  record Line(
      String measure,
      OptionalDouble halley,
      OptionalDouble netty,
      OptionalDouble jetty,
      OptionalDouble undertow,
      String referenceName,
      OptionalDouble reference,
      double target) {

    OptionalDouble bestPeer() {
      double best = Math.max(netty.orElse(0), Math.max(jetty.orElse(0), undertow.orElse(0)));
      return best > 0 ? OptionalDouble.of(best) : OptionalDouble.empty();
    }
  }

  /** Adds a line, if Halley was measured. */
  void add(Line line) {
    if (line.halley().isEmpty()) {
      return;
    }
    double halley = line.halley().getAsDouble();
    OptionalDouble best = line.bestPeer();
    String met = NOTHING;
    if (line.target() > 0 && best.isPresent()) {
      met = halley >= line.target() * best.getAsDouble() ? "yes" : "**no**";
    }
    String reference =
        line.reference().isEmpty()
            ? NOTHING
            : line.referenceName() + " " + number(line.reference().getAsDouble());
    rows.add(
        List.of(
            line.measure(),
            "**" + number(halley) + "**",
            number(line.netty()),
            number(line.jetty()),
            number(line.undertow()),
            ratio(halley, best),
            reference,
            ratio(halley, line.reference()),
            line.target() > 0 ? "≥ " + number(line.target()) + " ×" : NOTHING,
            met));
  }

  /** Adds a row of bytes, of which few are good. */
  void addBytes(String measure, double halley, List<OptionalDouble> peers, double most) {
    rows.add(
        List.of(
            measure,
            "**" + number(halley) + "**",
            number(peers.get(0)),
            number(peers.get(1)),
            number(peers.get(2)),
            NOTHING,
            NOTHING,
            NOTHING,
            most == 0 ? "0" : "≤ " + number(most),
            halley <= most ? "yes" : "**no**"));
  }

  /** The whole in Markdown. */
  String markdown() {
    StringBuilder out = new StringBuilder();
    append(out, HEAD);
    append(out, HEAD.stream().map(it -> it.equals("measure") ? "---" : "---:").toList());
    rows.forEach(row -> append(out, row));
    return out.toString();
  }

  private static void append(StringBuilder out, List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String ratio(double halley, OptionalDouble to) {
    return to.isEmpty() ? NOTHING : number(halley / to.getAsDouble()) + " ×";
  }

  private static String number(OptionalDouble value) {
    return value.isEmpty() ? NOTHING : number(value.getAsDouble());
  }

  private static String number(double value) {
    return Numbers.text(value);
  }
}
