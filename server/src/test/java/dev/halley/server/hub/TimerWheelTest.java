package dev.halley.server.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Failures;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> events = new ArrayList<>();
  private final Failures failures = new Failures();
  private long now;
  private TimerWheel wheel = new TimerWheel(channel.eventLoop(), this::now, failures);

  private boolean clockFails;

  private long now() {
    if (clockFails) {
      throw new IllegalStateException("on purpose");
    }
    return now;
  }

  private class Recorder implements TimerWheel.Task {
    private final String name;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this);

    Recorder(String name) {
      this.name = name;
    }

    @Override
    public void onDeadline(long nanoTime) {
      events.add(name + " at " + TimeUnit.NANOSECONDS.toMillis(nanoTime));
    }

    @Override
    public void onDrain() {
      events.add(name + " drains");
    }

    @Override
    public void abort() {
      events.add(name + " ends");
    }
  }

  @BeforeEach
  void freezeTime() {
    channel.freezeTime();
    wheel = new TimerWheel(channel.eventLoop(), this::now, failures);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private Recorder set(String name, Duration delay) {
    Recorder recorder = new Recorder(name);
    wheel.set(recorder.timer, delay.toNanos());
    return recorder;
  }

  @Test
  void aDeadlineGoesToWhoTakesOver() {
    Recorder first = set("first", Duration.ofSeconds(2));
    Recorder second = new Recorder("second");
    pass(Duration.ofSeconds(1));
    wheel.replace(first.timer, second.timer);
    assertThat(wheel.size()).isEqualTo(1);
    pass(Duration.ofMillis(900));
    assertThat(events).isEmpty();
    pass(Duration.ofMillis(200));
    assertThat(events).singleElement().asString().startsWith("second at 20");
    wheel.replace(first.timer, second.timer);
    assertThat(wheel.size()).as("there was none").isZero();
  }

  private void pass(Duration time) {
    Duration step = Duration.ofMillis(10);
    for (Duration left = time; left.isPositive(); left = left.minus(step)) {
      now += step.toNanos();
      channel.advanceTimeBy(step.toNanos(), TimeUnit.NANOSECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  @Test
  void aDeadlineFiresNotBeforeItsTimeAndAtMostOneTickLate() {
    set("a", Duration.ofMillis(300));

    pass(Duration.ofMillis(290));
    assertThat(events).isEmpty();

    pass(Duration.ofMillis(10).plusNanos(TimerWheel.TICK_NANOS));
    assertThat(events).hasSize(1);
  }

  @Test
  void deadlinesFireInTheirOrder() {
    set("late", Duration.ofSeconds(2));
    set("early", Duration.ofSeconds(1));

    pass(Duration.ofSeconds(3));

    assertThat(events).containsExactly("early at 1050", "late at 2050");
  }

  @Test
  void aDeadlineBeyondOneRoundOfTheWheelWaitsForItsOwnRound() {
    set("far", Duration.ofMinutes(2));

    pass(Duration.ofSeconds(119));
    assertThat(events).isEmpty();

    pass(Duration.ofSeconds(2));
    assertThat(events).hasSize(1);
  }

  @Test
  void oneThatThrowsEndsAndTheOthersFireInTheirTime() {
    for (int i = 0; i < 10; i++) {
      Recorder failing =
          new Recorder("failing " + i) {
            @Override
            public void onDeadline(long nanoTime) {
              throw new StackOverflowError("on purpose");
            }
          };
      wheel.set(failing.timer, Duration.ofSeconds(1).toNanos());
      set("other " + i, Duration.ofSeconds(1));
    }
    set("later", Duration.ofSeconds(2));

    pass(Duration.ofSeconds(3));

    assertThat(events).filteredOn(it -> it.endsWith("ends")).hasSize(10);
    assertThat(events).filteredOn(it -> it.startsWith("other")).hasSize(10);
    assertThat(events).endsWith("later at 2050");
    assertThat(failures.count(Failures.Place.TIMER)).isEqualTo(10);
  }

  @Test
  void aClockThatFailsDelaysDeadlinesUntilTheNextLook() {
    set("a", Duration.ofMillis(300));
    clockFails = true;
    now += Duration.ofMillis(400).toNanos();
    channel.advanceTimeBy(400, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(events).isEmpty();
    assertThat(failures.count(Failures.Place.TIMER)).isEqualTo(1);

    clockFails = false;
    wheel.ensureWoken();
    assertThat(events).containsExactly("a at 400");
    set("b", Duration.ofMillis(300));
    pass(Duration.ofMillis(400));
    assertThat(events).hasSize(2);
  }

  @Test
  void aCancelledDeadlineDoesNotFire() {
    Recorder cancelled = set("cancelled", Duration.ofSeconds(1));
    wheel.cancel(cancelled.timer);

    pass(Duration.ofSeconds(2));

    assertThat(events).isEmpty();
    assertThat(wheel.size()).isZero();
  }

  @Test
  void aDeadlineThatIsSetAgainMoves() {
    Recorder moved = set("moved", Duration.ofSeconds(1));
    wheel.set(moved.timer, Duration.ofSeconds(3).toNanos());

    pass(Duration.ofSeconds(2));
    assertThat(events).isEmpty();

    pass(Duration.ofSeconds(2));
    assertThat(events).containsExactly("moved at 3050");
  }

  @Test
  void aTaskMayCancelAnotherOfTheSameTick() {
    List<Recorder> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Recorder recorder =
          new Recorder("task " + i) {
            @Override
            public void onDeadline(long nanoTime) {
              super.onDeadline(nanoTime);
              all.forEach(other -> wheel.cancel(other.timer));
            }
          };
      all.add(recorder);
      wheel.set(recorder.timer, Duration.ofSeconds(1).toNanos());
    }

    pass(Duration.ofSeconds(2));

    assertThat(events).hasSize(1);
  }

  @Test
  void afterALongPauseEachOverdueDeadlineFiresOnce() {
    for (int i = 1; i <= 100; i++) {
      set("t" + i, Duration.ofSeconds(i));
    }

    now += Duration.ofHours(1).toNanos();
    channel.advanceTimeBy(1, TimeUnit.HOURS);
    channel.runScheduledPendingTasks();

    assertThat(events).hasSize(100).doesNotHaveDuplicates();
  }

  /** Be it that it was stopped, its machine suspended, or its garbage collected. */
  @Test
  void whatIsDueWhileTheProcessStoodStillIsToldSo() {
    Judge judge = new Judge();
    wheel.set(judge.timer, Duration.ofSeconds(10).toNanos());
    Recorder later = set("later", Duration.ofSeconds(60));
    pass(Duration.ofSeconds(9));
    long before = wheel.nanoTime();

    standStill(Duration.ofSeconds(41));

    assertThat(events).containsExactly("judge is late");
    // A second had passed until then, and so it has for whoever measures how long a peer was
    // silent.
    assertThat(Duration.ofNanos(wheel.nanoTime() - before)).isLessThan(Duration.ofMillis(1_100));

    wheel.set(judge.timer, TimerWheel.SECOND_CHANCE_NANOS);
    pass(Duration.ofSeconds(6));
    assertThat(events).containsExactly("judge is late", "judge judges");
    wheel.cancel(later.timer);
  }

  @Test
  void whatIsALittleLateIsNot() {
    Judge judge = new Judge();
    wheel.set(judge.timer, Duration.ofSeconds(10).toNanos());
    pass(Duration.ofSeconds(9));
    standStill(Duration.ofMillis(1_900));
    assertThat(events).containsExactly("judge judges");
  }

  @Test
  void whoDoesNotJudgeIsToldOnceAsEver() {
    set("a", Duration.ofSeconds(1));
    standStill(Duration.ofHours(1));
    pass(Duration.ofSeconds(1));
    assertThat(events).hasSize(1);
  }

  private void standStill(Duration time) {
    now += time.toNanos();
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }

  private final class Judge implements TimerWheel.Task {
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this);

    @Override
    public void onDeadline(long nanoTime) {
      events.add("judge judges");
    }

    @Override
    public void onLateDeadline(long nanoTime) {
      events.add("judge is late");
    }

    @Override
    public void onDrain() {}

    @Override
    public void abort() {
      events.add("judge ends");
    }
  }

  @Test
  void drainTellsEveryTaskWhoseDeadlineIsSet() {
    set("a", Duration.ofSeconds(50));
    set("b", Duration.ofSeconds(100));
    wheel.cancel(set("c", Duration.ofSeconds(50)).timer);

    wheel.drain(0, new Random(1));
    pass(Duration.ofMillis(60));

    assertThat(events).containsExactlyInAnyOrder("a drains", "b drains");
  }

  @Test
  void eachTaskIsToldAtTheMomentThatChanceGivesIt() {
    set("a", Duration.ofSeconds(100));
    wheel.drain(Duration.ofSeconds(2).toNanos(), always(Duration.ofSeconds(1)));

    pass(Duration.ofMillis(990));
    assertThat(events).isEmpty();

    pass(Duration.ofMillis(10).plusNanos(TimerWheel.TICK_NANOS));
    assertThat(events).containsExactly("a drains");
  }

  @Test
  void manyAreToldOverTheWholeTimeAndNobodyAfterIt() {
    for (int i = 0; i < 1_000; i++) {
      set("t" + i, Duration.ofSeconds(100));
    }
    wheel.drain(Duration.ofSeconds(4).toNanos(), new Random(7));

    for (int quarter = 1; quarter <= 4; quarter++) {
      int before = events.size();
      pass(Duration.ofSeconds(1));
      assertThat(events.size() - before).isBetween(200, 300);
    }
    pass(Duration.ofNanos(TimerWheel.TICK_NANOS));
    assertThat(events).hasSize(1_000).doesNotHaveDuplicates();
  }

  @Test
  void deadlinesGoOnUntilTheMomentToLeave() {
    set("a", Duration.ofSeconds(1));
    Recorder moved = set("b", Duration.ofSeconds(1));
    wheel.drain(Duration.ofSeconds(3).toNanos(), always(Duration.ofSeconds(2)));
    wheel.set(moved.timer, Duration.ofSeconds(100).toNanos());

    pass(Duration.ofSeconds(3));

    assertThat(events).containsExactly("a at 1050", "b drains");
  }

  @Test
  void whoIsGoneByItsMomentIsNotTold() {
    Recorder gone = set("gone", Duration.ofSeconds(100));
    wheel.drain(Duration.ofSeconds(2).toNanos(), always(Duration.ofSeconds(1)));
    wheel.cancel(gone.timer);

    pass(Duration.ofSeconds(3));

    assertThat(events).isEmpty();
    assertThat(wheel.size()).isZero();
  }

  @Test
  void whoComesWhileItDrainsIsToldWithinTheRestOfTheTime() {
    wheel.drain(Duration.ofSeconds(2).toNanos(), new Random(3));
    pass(Duration.ofSeconds(1));
    for (int i = 0; i < 100; i++) {
      set("t" + i, Duration.ofSeconds(100));
    }
    pass(Duration.ofMillis(500));
    assertThat(events).hasSizeBetween(20, 80);

    pass(Duration.ofMillis(500).plusNanos(TimerWheel.TICK_NANOS));
    assertThat(events).hasSize(100);

    set("late", Duration.ofSeconds(100));
    pass(Duration.ofMillis(60));
    assertThat(events).hasSize(101).endsWith("late drains");
  }

  private static RandomGenerator always(Duration moment) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        throw new AssertionError("A moment has a bound");
      }

      @Override
      public long nextLong(long bound) {
        assertThat(moment.toNanos()).isLessThan(bound);
        return moment.toNanos();
      }
    };
  }
}
