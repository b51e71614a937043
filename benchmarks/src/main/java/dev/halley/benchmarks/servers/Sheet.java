package dev.halley.benchmarks.servers;

import dev.halley.benchmarks.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of Markdown: of Halley the median, of the others also that of their ratios to Halley. */
final class Sheet {
  private static final String NOTHING = "–";
  private static final String VOID = "void";

  private record Pair(Sample halley, Sample peer) {
    boolean isBroken() {
      return halley.isBroken() || peer.isBroken();
    }
  }

  private final List<String> peers;
  private final Map<String, List<Pair>> pairs = new LinkedHashMap<>();
  private final Map<String, List<Sample>> alone = new LinkedHashMap<>();
  private final Set<String> faults = new LinkedHashSet<>();
  private final StringBuilder rows = new StringBuilder();
  private boolean halleyBroke;

  Sheet(List<String> peers) {
    this.peers = List.copyOf(peers);
  }

  /** A run of Halley; those of its round that are no pair with a peer's, too. */
  void halley(Measure measure, Sample sample) {
    alone.computeIfAbsent(measure.name(), it -> new ArrayList<>()).add(sample);
    halleyBroke |= sample.isBroken();
    note(measure, "Halley", sample);
  }

  /** A run of a peer, and the one of Halley in the same round. */
  void peer(Measure measure, String name, Sample halley, Sample sample) {
    pairs
        .computeIfAbsent(key(measure, name), it -> new ArrayList<>())
        .add(new Pair(halley, sample));
    note(measure, name, sample);
  }

  private void note(Measure measure, String name, Sample sample) {
    for (String fault : sample.faults()) {
      faults.add(measure.name() + ", " + name + ": " + fault);
    }
  }

  private static String key(Measure measure, String name) {
    return measure.name() + "/" + name;
  }

  /** Adds the rows of a measure that has been taken. */
  void finish(Measure measure) {
    for (int i = 0; i < measure.figures().size(); i++) {
      List<String> cells = new ArrayList<>();
      cells.add(measure.figures().get(i));
      cells.add(halleyCell(measure, i));
      for (String peer : peers) {
        cells.add(peerCell(pairs.getOrDefault(key(measure, peer), List.of()), i));
      }
      append(rows, cells);
    }
  }

  /** Adds a row of Halley alone. */
  void row(String title, List<Double> values) {
    List<String> cells = new ArrayList<>(List.of(title, bold(Numbers.median(values))));
    peers.forEach(it -> cells.add(NOTHING));
    append(rows, cells);
  }

  private String halleyCell(Measure measure, int figure) {
    List<Sample> samples = alone.getOrDefault(measure.name(), List.of());
    if (samples.isEmpty()) {
      return NOTHING;
    }
    if (samples.stream().anyMatch(Sample::isBroken)) {
      return VOID;
    }
    return bold(Numbers.median(samples.stream().map(it -> it.values().get(figure)).toList()));
  }

  private static String peerCell(List<Pair> taken, int figure) {
    if (taken.isEmpty()) {
      return NOTHING;
    }
    if (taken.stream().anyMatch(Pair::isBroken)) {
      return VOID;
    }
    List<Double> values = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (Pair pair : taken) {
      double value = pair.peer().values().get(figure);
      values.add(value);
      ratios.add(value / pair.halley().values().get(figure));
    }
    return "%s (%s ×)".formatted(number(Numbers.median(values)), number(Numbers.median(ratios)));
  }

  private static String bold(double value) {
    return "**" + number(value) + "**";
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Numbers.text(value) : NOTHING;
  }

  /** The table, and what voided any of its cells. */
  String markdown() {
    StringBuilder out = new StringBuilder();
    List<String> head = new ArrayList<>(List.of("measure", "Halley"));
    head.addAll(peers);
    append(out, head);
    append(out, head.stream().map(it -> it.equals("measure") ? "---" : "---:").toList());
    out.append(rows);
    if (!faults.isEmpty()) {
      out.append("\nFaults:\n\n");
      faults.forEach(fault -> out.append("- ").append(fault).append('\n'));
    }
    return out.toString();
  }

  /** Whether Halley itself was at fault. */
  boolean halleyBroke() {
    return halleyBroke;
  }

  private static void append(StringBuilder out, List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
