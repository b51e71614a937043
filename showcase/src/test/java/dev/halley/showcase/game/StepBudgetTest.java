package dev.halley.showcase.game;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a step costs with a hundred bots, two hundred monsters and some connections. */
class StepBudgetTest {
  private static final int CONNECTIONS = 20;
  private static final int WARM_UP = 600;
  private static final int STEPS = 1200;

  @Test
  void aStepTakesASmallPartOfItsTime() {
    GameRoom room =
        new GameRoom(Arena.standard(), new Random(9), InstantSource.system(), System::nanoTime);
    List<FakeSession> sessions = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      FakeSession session = new FakeSession();
      sessions.add(session);
      room.enter(new GameSocket("Player " + i, session, room, System::nanoTime));
    }
    room.wantBots(GameRoom.MOST_BOTS);
    long[] nanos = new long[STEPS];
    long bytes = 0;
    long monsters = 0;
    for (int step = -WARM_UP; step < STEPS; step++) {
      sessions.forEach(session -> session.sent.clear());
      long began = System.nanoTime();
      room.step();
      if (step >= 0) {
        nanos[step] = System.nanoTime() - began;
        monsters += room.world().monsters().size();
        bytes +=
            sessions.stream().flatMap(it -> it.sent.stream()).mapToInt(ByteBuffer::remaining).sum();
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%d bots, %d monsters, %d connections: a step takes %.2f ms (median), %.2f ms (99 %%), %.2f"
            + " ms (longest); %d bytes per step and connection%n",
        GameRoom.MOST_BOTS,
        monsters / STEPS,
        CONNECTIONS,
        nanos[STEPS / 2] / 1e6,
        nanos[STEPS * 99 / 100] / 1e6,
        nanos[STEPS - 1] / 1e6,
        bytes / STEPS / CONNECTIONS);
    assertThat(nanos[STEPS / 2]).isLessThan(GameRoom.STEP_MILLIS * 1_000_000L / 4);
    assertThat(bytes / STEPS / CONNECTIONS).isLessThan(2500);
  }
}
