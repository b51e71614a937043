package dev.halley.cli.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** All stages again and again, until the time is over: {@code benchmarks/chaos}. */
public final class ChaosMain {
  private static final long FAULT_MILLIS = 10_000;
  private static final int AT_A_TIME = 3;

  private ChaosMain() {}

  /** Takes how many minutes, the seed, part of the names of stages, and where the report goes. */
  public static void main(String[] args) throws IOException, InterruptedException {
    long minutes = Long.parseLong(args[0]);
    long seed = Long.parseLong(args[1]);
    Path report = Path.of(args[3]);
    Path directory = Files.createDirectories(report.resolveSibling("chaos"));
    System.err.println("chaos: seed " + seed);
    ChaosRun run =
        new ChaosRun(directory, seed, FAULT_MILLIS, it -> System.err.println("chaos: " + it));
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    Random random = new Random(seed);
    try (SilentServer silent = SilentServer.start()) {
      do {
        List<Stage> stages = new ArrayList<>(Stage.all(silent));
        stages.removeIf(stage -> !stage.name().contains(args[2]));
        if (stages.isEmpty()) {
          System.err.println("chaos: no stage has that in its name");
          System.exit(2);
        }
        Collections.shuffle(stages, random);
        for (Stage stage : stages) {
          run.play(stage, AT_A_TIME);
        }
      } while (System.nanoTime() - end < 0);
    }
    String text = ChaosReport.of(seed, run.verdicts());
    Files.writeString(report, text);
    System.out.println(text);
    System.exit(run.verdicts().stream().allMatch(Verdict::isGood) ? 0 : 1);
  }
}
