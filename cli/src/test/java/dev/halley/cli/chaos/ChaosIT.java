package dev.halley.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each stage once and for seconds, always with the same schedule; {@code benchmarks/chaos} takes
 * another seed, and longer.
 */
@Timeout(300)
class ChaosIT {
  private static final long SEED = 19;
  private static final long FAULT_MILLIS = 2_000;
  private static final int AT_A_TIME = 3;

  private static SilentServer silent;
  @TempDir private Path directory;

  @BeforeAll
  static void start() throws Exception {
    silent = SilentServer.start();
  }

  @AfterAll
  static void end() throws Exception {
    silent.close();
  }

  private static Stream<Stage> stages() {
    return Stage.all(silent).stream();
  }

  @ParameterizedTest
  @MethodSource("stages")
  void theLegitimateUserIsServedAndNothingStays(Stage stage) throws Exception {
    ChaosRun run = new ChaosRun(directory, SEED, FAULT_MILLIS, unused -> {});
    run.play(stage, AT_A_TIME);
    List<Verdict> verdicts = run.verdicts();

    assertThat(verdicts).isNotEmpty();
    assertThat(verdicts.stream().filter(verdict -> !verdict.isGood()))
        .as("%s", ChaosReport.of(SEED, verdicts))
        .isEmpty();
  }
}
