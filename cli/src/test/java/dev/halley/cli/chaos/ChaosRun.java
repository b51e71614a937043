package dev.halley.cli.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Takes a server of each stage through its faults. A seed decides the order and what meets. */
final class ChaosRun {
  private static final long CALM_PUBLICATIONS = 10;
  private static final long RECOVERY_SECONDS = 30;
  private static final long BETWEEN_LOOKS_MILLIS = 200;

  private final Path directory;
  private final Random random;
  private final long faultMillis;
  private final Consumer<String> progress;
  private final List<Verdict> verdicts = new ArrayList<>();
  private int users;

  /**
   * @param directory for logs
   * @param faultMillis how long strangers stay
   * @param progress is told what begins and ends
   */
  ChaosRun(Path directory, long seed, long faultMillis, Consumer<String> progress) {
    this.directory = directory;
    this.random = new Random(seed);
    this.faultMillis = faultMillis;
    this.progress = progress;
  }

  List<Verdict> verdicts() {
    return verdicts;
  }

  /** Takes one server through all faults of the stage, up to so many at a time. */
  void play(Stage stage, int atATime) throws IOException, InterruptedException {
    List<Fault> faults = new ArrayList<>(stage.faults().get());
    Collections.shuffle(faults, random);
    progress.accept(stage.name());
    ChaosServer server = ChaosServer.start(stage.means(), directory);
    try {
      ChaosServer.Vitals before = warm(server);
      while (!faults.isEmpty()) {
        int count = Math.min(faults.size(), 1 + random.nextInt(atATime));
        List<Fault> now = List.copyOf(faults.subList(0, count));
        faults.subList(0, count).clear();
        Verdict verdict = suffer(stage, server, before, now);
        verdicts.add(verdict);
        progress.accept(
            "  %s: %s".formatted(verdict.what(), verdict.isGood() ? "pass" : verdict.broken()));
        if (!server.isAlive() || !verdict.isGood()) {
          // What comes after a failure says nothing of the next fault.
          server.close();
          if (faults.isEmpty()) {
            return;
          }
          server = ChaosServer.start(stage.means(), directory);
          before = warm(server);
        }
      }
    } finally {
      server.close();
    }
  }

  /** What is wrong for a user who comes now, when nothing else goes wrong. */
  private List<String> afterwards(ChaosServer server) throws InterruptedException {
    if (!server.isAlive()) {
      return List.of();
    }
    LegitimateUser user = arrive(server);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS);
    while (user.confirmed() < CALM_PUBLICATIONS && System.nanoTime() - deadline < 0) {
      Thread.sleep(BETWEEN_LOOKS_MILLIS);
    }
    Outcome outcome = user.leave();
    List<String> broken = new ArrayList<>(outcome.faults());
    if (outcome.refusals() > 0) {
      broken.add(outcome.refusals() + " requests of the user were refused");
    }
    return broken;
  }

  /** What the server holds when somebody was served on all transports, and has gone. */
  private ChaosServer.Vitals warm(ChaosServer server) throws IOException, InterruptedException {
    List<String> broken = afterwards(server);
    if (!broken.isEmpty()) {
      throw new IOException("without any fault: " + broken);
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS);
    ChaosServer.Vitals vitals = server.vitals();
    while (true) {
      Thread.sleep(BETWEEN_LOOKS_MILLIS);
      ChaosServer.Vitals later = server.vitals();
      if (vitals.beyond(later).isEmpty() || System.nanoTime() - deadline > 0) {
        return later;
      }
      vitals = later;
    }
  }

  private LegitimateUser arrive(ChaosServer server) {
    return LegitimateUser.arrive(
        server, "legitimate-" + users++, server.hasFewDescriptors(), new Random(random.nextLong()));
  }

  private Verdict suffer(
      Stage stage, ChaosServer server, ChaosServer.Vitals before, List<Fault> faults)
      throws IOException, InterruptedException {
    String what = String.join(" + ", faults.stream().map(Fault::name).toList());
    LegitimateUser user = arrive(server);
    Crowd crowd = new Crowd(server.address(), new Random(random.nextLong()));
    try {
      for (Fault fault : faults) {
        fault.act().begin(server, crowd);
      }
      Thread.sleep(faultMillis);
    } finally {
      crowd.disperse();
    }
    Outcome outcome = user.leave();
    List<String> broken = new ArrayList<>(outcome.faults());
    if (outcome.refusals() > 0 && faults.stream().allMatch(it -> it.mayRefuse().isEmpty())) {
      broken.add(outcome.refusals() + " requests of the user were refused");
    }
    broken.addAll(remains(server, before));
    afterwards(server).forEach(fault -> broken.add("afterwards " + fault));
    if (server.isAlive()) {
      server.uncontained().forEach(line -> broken.add("the log says " + line));
    }
    return new Verdict(stage.name(), what, crowd.report(), outcome, broken);
  }

  /** What is still there when everybody has gone, and has had the time for it. */
  private static List<String> remains(ChaosServer server, ChaosServer.Vitals before)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS);
    while (true) {
      List<String> remains;
      if (!server.isAlive()) {
        return List.of("the process has ended");
      }
      try {
        remains = server.vitals().beyond(before);
      } catch (IOException e) {
        remains = List.of("/metrics can't be read: " + e.getMessage());
      }
      if (remains.isEmpty() || System.nanoTime() - deadline > 0) {
        return remains;
      }
      Thread.sleep(BETWEEN_LOOKS_MILLIS);
    }
  }
}
