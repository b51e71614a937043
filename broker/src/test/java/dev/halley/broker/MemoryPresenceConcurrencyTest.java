package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must hold however the threads interleave. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MemoryPresenceConcurrencyTest {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final int CHANGES = 20_000;
  private static final int USERS = 5;
  private static final int ENOUGH = 50;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BrokerFixture fixture =
      new BrokerFixture(
          MemoryBroker.Config.defaults()
              .withHistory(new HistoryLimits(1 << 20, 1 << 28, Duration.ofHours(1))));
  private final Presence presence = fixture.broker.presence().orElseThrow();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void whoAsksAndThenReadsTheChangesMissesNone() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    List<Future<?>> changing = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int seed = i;
      changing.add(threads.submit(() -> comeAndGo(seed, enough)));
    }
    changing.add(threads.submit(() -> letTimePass(enough)));
    List<Present> asked = new ArrayList<>();
    // Often enough that there are many, seldom enough that reading on from each is soon done.
    while (asked.size() < ENOUGH) {
      Present present = present();
      if (asked.isEmpty()
          || present.position().offset() >= asked.getLast().position().offset() + 100) {
        asked.add(present);
      }
    }
    enough.set(true);
    for (Future<?> future : changing) {
      future.get();
    }
    List<String> last = present().members().stream().map(Member::user).toList();
    for (Present start : asked) {
      PresenceReader reader = new PresenceReader(start);
      reader.read(
          fixture
              .history(PresenceChannels.of("room"), new Cursor.After(start.position()))
              .publications());
      assertThat(reader.users()).containsExactlyInAnyOrderElementsOf(last);
    }
  }

  @Test
  void nobodyIsAnnouncedToAChannelThatIsForgottenMeanwhile() throws Exception {
    // With one user the channel is empty, and so forgotten, after each end.
    Future<?> one = threads.submit(() -> comeAndGoAlone("h"));
    Future<?> other = threads.submit(() -> comeAndGoAlone("i"));
    one.get();
    other.get();
    assertThat(present().members()).isEmpty();
    PresenceReader reader =
        new PresenceReader(new Present(List.of(), true, 0, new StreamPosition("a", 0)));
    reader.read(fixture.history(PresenceChannels.of("room"), new Cursor.Earliest()).publications());
    assertThat(reader.users()).isEmpty();
  }

  private void comeAndGoAlone(String holder) {
    for (int i = 0; i < CHANGES; i++) {
      renew("u", holder);
      release("u", holder, Duration.ZERO);
    }
  }

  private void comeAndGo(int seed, AtomicBoolean enough) {
    SplittableRandom random = new SplittableRandom(seed);
    while (!enough.get()) {
      String user = "u" + random.nextInt(USERS);
      if (random.nextBoolean()) {
        renew(user, "h" + seed);
      } else {
        release(user, "h" + seed, Duration.ofMillis(random.nextInt(2)));
      }
    }
  }

  private void letTimePass(AtomicBoolean enough) {
    while (!enough.get()) {
      fixture.clock.advance(Duration.ofMillis(1));
      fixture.broker.expire();
    }
  }

  private Present present() {
    return presence.present("room").toCompletableFuture().join();
  }

  private void renew(String user, String holder) {
    assertThat(presence.renew("room", user, holder, LEASE).toCompletableFuture().join()).isTrue();
  }

  private void release(String user, String holder, Duration after) {
    presence.release("room", user, holder, after).toCompletableFuture().join();
  }
}
