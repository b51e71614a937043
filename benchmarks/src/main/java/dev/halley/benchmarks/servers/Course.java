package dev.halley.benchmarks.servers;

import dev.halley.loadgen.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes measures, round by round. Servers under load stay up and warm from the first measure to the
 * last, for which they wait without doing anything; for other measures they start anew.
 */
final class Course implements AutoCloseable {
  /** A nursery that is full soon, so that what is weighed is what stays. */
  private static final List<String> SMALL_NURSERY = List.of("-Xmn32m");

  private final Plan plan;
  private final Lineup lineup;
  private final Lineup small;
  private final List<Contestant> peers;
  private final Sheet sheet;
  private final Map<String, RunningServer> running = new HashMap<>();
  private final Set<String> warm = new HashSet<>();
  private int channels;

  /**
   * How it is measured.
   *
   * @param root of the sources
   * @param work a directory for what servers need and say
   * @param pinning what pins a server's command
   * @param rounds of each measure
   * @param seconds of each run
   * @param warmUpSeconds of each server for each kind of load
   */
  record Plan(
      Path root,
      Path work,
      List<String> pinning,
      int rounds,
      double seconds,
      double warmUpSeconds) {}

  Course(Plan plan) {
    this.plan = plan;
    this.lineup = new Lineup(plan.root(), plan.work(), List.of());
    this.small = new Lineup(plan.root(), plan.work(), SMALL_NURSERY);
    this.peers = lineup.peers();
    this.sheet = new Sheet(peers.stream().map(Contestant::name).toList());
  }

  Sheet sheet() {
    return sheet;
  }

  void take(Measure measure) throws IOException {
    switch (measure) {
      case Measure.UnderLoad load -> takeLoad(load);
      case Measure.Idle idle -> takeIdle(idle);
      case Measure.Start start -> takeStart(start);
    }
    sheet.finish(measure);
    if (measure instanceof Measure.Start) {
      takeLauncher();
    }
  }

  private void takeLoad(Measure.UnderLoad measure) throws IOException {
    List<Contestant> able = peers.stream().filter(measure::isFor).toList();
    warmUp(measure, lineup.halley());
    for (Contestant peer : able) {
      warmUp(measure, peer);
    }
    for (int round = 0; round < plan.rounds(); round++) {
      say(measure, round);
      for (Contestant peer : able) {
        Sample halley = run(measure, lineup.halley());
        sheet.halley(measure, halley);
        sheet.peer(measure, peer.name(), halley, run(measure, peer));
      }
    }
  }

  private Sample run(Measure.UnderLoad measure, Contestant contestant) throws IOException {
    Load load = measure.load(contestant, channel(), plan.seconds());
    return measure.sample(server(contestant).run(load));
  }

  private void warmUp(Measure.UnderLoad measure, Contestant contestant) throws IOException {
    Load load = measure.warmUp(contestant, channel(), plan.warmUpSeconds());
    if (warm.add(contestant.name() + load.getClass().getName())) {
      System.err.printf("benchmarks: warming up %s…%n", contestant.name());
      server(contestant).run(load);
    }
  }

  private String channel() {
    return "benchmark-" + channels++;
  }

  private RunningServer server(Contestant contestant) throws IOException {
    RunningServer server = running.get(contestant.name());
    if (server == null) {
      server = launch(contestant);
      running.put(contestant.name(), server);
    }
    return server;
  }

  private RunningServer launch(Contestant contestant) throws IOException {
    RunningServer server = RunningServer.launch(contestant, plan.pinning(), log(contestant));
    try {
      return server.awaitStart();
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private Path log(Contestant contestant) {
    return plan.work().resolve(contestant.name() + ".log");
  }

  private void takeIdle(Measure.Idle measure) throws IOException {
    for (int round = 0; round < plan.rounds(); round++) {
      say(measure, round);
      Sample halley = weigh(measure, small.halley());
      sheet.halley(measure, halley);
      for (Contestant peer : small.peers()) {
        sheet.peer(measure, peer.name(), halley, weigh(measure, peer));
      }
    }
  }

  private Sample weigh(Measure.Idle measure, Contestant contestant) throws IOException {
    try (RunningServer server = launch(contestant)) {
      for (Load warmUp : measure.warmUps(contestant)) {
        server.run(warmUp);
      }
      return measure.sample(server.run(measure.load(contestant)));
    }
  }

  private void takeStart(Measure.Start measure) throws IOException {
    for (Contestant peer : peers) {
      start(peer); // so that its files are in memory, as everybody's
    }
    start(lineup.halley());
    for (int round = 0; round < plan.rounds(); round++) {
      say(measure, round);
      Sample halley = start(lineup.halley());
      sheet.halley(measure, halley);
      for (Contestant peer : peers) {
        sheet.peer(measure, peer.name(), halley, start(peer));
      }
    }
  }

  private void takeLauncher() throws IOException {
    start(lineup.launcher());
    List<Double> accepting = new ArrayList<>();
    List<Double> open = new ArrayList<>();
    for (int round = 0; round < plan.rounds(); round++) {
      Sample sample = start(lineup.launcher());
      if (sample.isBroken()) {
        return;
      }
      accepting.add(sample.values().getFirst());
      open.add(sample.values().getLast());
    }
    sheet.row("start by its launcher, with the cache: ms until it accepts", accepting);
    sheet.row("… until the first WebSocket is open", open);
  }

  private Sample start(Contestant contestant) throws IOException {
    return StartTimer.measure(contestant, plan.pinning(), log(contestant));
  }

  private void say(Measure measure, int round) {
    System.err.printf(
        "benchmarks: %s, round %d of %d…%n", measure.name(), round + 1, plan.rounds());
  }

  @Override
  public void close() {
    running.values().forEach(RunningServer::close);
  }
}
