package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class MemoryPresenceTest {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration TICK = Duration.ofMillis(1);

  private BrokerFixture fixture = with(new PresenceLimits(3, 100, 10));

  @Test
  void aUserJoinsWithTheFirstLeaseAndLeavesWhenItHasRunOut() {
    assertThat(renew("ann", "h")).isTrue();
    assertThat(users()).containsExactly("ann");
    pass(LEASE.minus(TICK));
    assertThat(users()).containsExactly("ann");
    pass(TICK);
    assertThat(users()).isEmpty();
    assertThat(changes())
        .containsExactly(
            "{\"join\":{\"user\":\"ann\",\"since\":1000000}}", "{\"leave\":{\"user\":\"ann\"}}");
  }

  @Test
  void aLeaseThatIsRenewedInTimeGoesOn() {
    for (int i = 0; i < 10; i++) {
      renew("ann", "h");
      pass(LEASE.minus(TICK));
    }
    assertThat(changes()).hasSize(1);
    assertThat(present().members()).containsExactly(new Member("ann", 1_000_000));
  }

  @Test
  void aUserWithSeveralLeasesIsThereOnceUntilTheLastHasEnded() {
    renew("ann", "tab 1");
    renew("ann", "tab 2");
    pass(GRACE);
    renew("ann", "tab 3");
    assertThat(users()).containsExactly("ann");
    release("ann", "tab 2", Duration.ZERO);
    release("ann", "tab 3", Duration.ZERO);
    assertThat(users()).containsExactly("ann");
    release("ann", "tab 1", Duration.ZERO);
    assertThat(users()).isEmpty();
    assertThat(changes()).hasSize(2);
  }

  @Test
  void whoComesBackWithinTheGraceHasNotLeft() {
    renew("ann", "h");
    release("ann", "h", GRACE);
    pass(GRACE.minus(TICK));
    renew("ann", "h");
    pass(GRACE);
    assertThat(users()).containsExactly("ann");
    assertThat(changes()).hasSize(1);
  }

  @Test
  void whoDoesNotComeBackHasLeftAfterTheGrace() {
    renew("ann", "h");
    release("ann", "h", GRACE);
    pass(GRACE.minus(TICK));
    assertThat(users()).containsExactly("ann");
    pass(TICK);
    assertThat(users()).isEmpty();
  }

  @Test
  void aLeaseThatNobodyHasIsNotReleased() {
    release("ann", "h", GRACE);
    assertThat(users()).isEmpty();
    renew("ann", "h");
    release("ann", "another", Duration.ZERO);
    assertThat(users()).containsExactly("ann");
  }

  @Test
  void membersComeInTheOrderInWhichTheyJoined() {
    renew("zoe", "h");
    pass(TICK);
    renew("ann", "h");
    renew("zoe", "h");
    assertThat(present().members())
        .containsExactly(new Member("zoe", 1_000_000), new Member("ann", 1_000_001));
  }

  @Test
  void whoIsBeyondTheMembersOfAChannelIsListedWhenThereIsRoom() {
    renew("a", "h");
    renew("b", "h");
    renew("c", "h");
    assertThat(present().complete()).isTrue();
    assertThat(renew("d", "h")).isFalse();
    assertThat(users()).containsExactly("a", "b", "c");
    assertThat(present().complete()).isFalse();
    assertThat(changes()).hasSize(3);
    release("b", "h", Duration.ZERO);
    assertThat(renew("d", "h")).isTrue();
    assertThat(users()).containsExactly("a", "c", "d");
    pass(LEASE);
    assertThat(present().complete()).isTrue();
  }

  @Test
  void allChannelsTogetherHaveOnlySoManyMembers() {
    fixture = with(new PresenceLimits(3, 4, 10));
    for (String user : List.of("a", "b", "c")) {
      renew(user, "h");
    }
    Presence presence = presence();
    assertThat(presence.renew("other", "a", "h", LEASE).toCompletableFuture().join()).isTrue();
    assertThat(presence.renew("third", "a", "h", LEASE).toCompletableFuture().join()).isFalse();
    assertThat(presence.present("third").toCompletableFuture().join().complete()).isFalse();
    release("a", "h", Duration.ZERO);
    assertThat(presence.renew("third", "a", "h", LEASE).toCompletableFuture().join()).isTrue();
  }

  @Test
  void aUserIsListedOnOnlySoManyChannels() {
    fixture = with(new PresenceLimits(3, 100, 2));
    assertThat(renew("a", "a", "h")).isTrue();
    assertThat(renew("b", "a", "h")).isTrue();
    assertThat(renew("c", "a", "h")).isFalse();
    assertThat(renew("c", "b", "h")).isTrue();
    assertThat(presence().present("c").toCompletableFuture().join().complete()).isFalse();
    presence().release("b", "a", "h", Duration.ZERO).toCompletableFuture().join();
    assertThat(renew("c", "a", "h")).isTrue();
    assertThat(renew("b", "a", "h")).isFalse();
  }

  private boolean renew(String channel, String user, String holder) {
    return presence().renew(channel, user, holder, LEASE).toCompletableFuture().join();
  }

  @Test
  void limitsAreAtLeastOne() {
    for (int i = 0; i < 3; i++) {
      int wrong = i;
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> new PresenceLimits(wrong == 0 ? 0 : 1, wrong == 1 ? 0 : 1, wrong == 2 ? 0 : 1));
    }
  }

  @Test
  void nobodyIsRememberedOfAChannelThatAllHaveLeft() {
    MemoryPresence presence = (MemoryPresence) presence();
    renew("ann", "h");
    count("h", 1);
    assertThat(presence.channels()).isEqualTo(1);
    assertThat(presence.users()).isEqualTo(1);
    pass(LEASE);
    assertThat(presence.channels()).isZero();
    assertThat(presence.users()).isZero();
    present();
    release("ann", "h", GRACE);
    count("h", 0);
    assertThat(presence.channels()).isZero();
    renew("ann", "h");
    release("ann", "h", Duration.ZERO);
    assertThat(presence.channels()).isZero();
  }

  @Test
  void whoIsNobodyIsCountedPerHolderUntilItIsSaidAnewOrRunsOut() {
    count("h", 2);
    count("i", 3);
    count("h", 1);
    assertThat(present().anonymous()).isEqualTo(4);
    count("i", 0);
    assertThat(present().anonymous()).isEqualTo(1);
    pass(LEASE);
    assertThat(present().anonymous()).isZero();
    assertThat(changes()).isEmpty();
  }

  @Test
  void thePositionIsThatOfTheLastChange() {
    StreamPosition empty = present().position();
    renew("ann", "h");
    assertThat(present().position()).isEqualTo(empty.next());
    release("ann", "h", Duration.ZERO);
    assertThat(present().position()).isEqualTo(empty.next().next());
  }

  @Test
  void aUserMayHaveAnyName() {
    renew("\"\\\n\u0001é世\uD83D\uDE80", "h");
    assertThat(changes().getFirst())
        .isEqualTo(
            "{\"join\":{\"user\":\"\\\"\\\\\\u000a\\u0001é世\uD83D\uDE80\",\"since\":1000000}}");
  }

  @Test
  void whoCannotBeAnnouncedIsNotPresent() {
    fixture = full();
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> renew("ann", "h"))
        .withCauseInstanceOf(BrokerUnavailableException.class);
    fixture.clock.advance(HistoryLimits.defaults().age());
    fixture.broker.expire();
    assertThat(users()).isEmpty();
    assertThat(renew("ann", "h")).isTrue();
  }

  @Test
  void whoseEndCannotBeAnnouncedIsPresentUntilItCan() {
    fixture = full();
    Duration age = HistoryLimits.defaults().age();
    fixture.clock.advance(age);
    fixture.broker.expire();
    presence().renew("room", "ann", "h", age.multipliedBy(2)).toCompletableFuture().join();
    pass(age);
    // The log of the changes is forgotten, and another one takes the only place.
    fixture.publish("another", "x");
    pass(age.minus(TICK));
    fixture.publish("another", "x");
    pass(TICK);
    assertThat(members()).isEqualTo(1);
    pass(age);
    assertThat(members()).isZero();
    assertThat(changes()).containsExactly("{\"leave\":{\"user\":\"ann\"}}");
  }

  @Test
  void aStepOfTheWallClockNeitherEndsALeaseNorKeepsIt() {
    renew("ann", "h");
    fixture.clock.set(Duration.ofHours(2));
    pass(TICK);
    assertThat(users()).containsExactly("ann");
    fixture.clock.set(Duration.ofHours(-4));
    pass(HistoryLimits.defaults().age());
    assertThat(users()).isEmpty();
  }

  /** What a reader of the changes makes of them is what was present at that position. */
  @Test
  void aReaderOfTheChangesKnowsWhoIsPresent() {
    renew("a", "h");
    renew("b", "h");
    Present before = present();
    release("a", "h", Duration.ZERO);
    renew("c", "h");
    release("b", "h", GRACE);
    pass(GRACE);
    PresenceReader reader = new PresenceReader(before);
    reader.read(
        fixture
            .history(PresenceChannels.of("room"), new Cursor.After(before.position()))
            .publications());
    assertThat(reader.users()).containsExactly("c").containsExactlyElementsOf(users());
  }

  @Test
  void theChannelsAreShownWithTheirMembers() {
    renew("a", "h");
    renew("b", "h");
    Map<String, Integer> seen = new HashMap<>();
    presence().forEachChannel(seen::put);
    assertThat(seen).containsExactly(Map.entry("room", 2));
  }

  /** A broker that has no room for a log of changes. */
  private static BrokerFixture full() {
    BrokerFixture fixture =
        new BrokerFixture(
            MemoryBroker.Config.defaults().withChannels(1).withIdle(Duration.ofMinutes(1)));
    fixture.publish("another", "x");
    return fixture;
  }

  private static BrokerFixture with(PresenceLimits limits) {
    return new BrokerFixture(MemoryBroker.Config.defaults().withPresence(limits));
  }

  private Presence presence() {
    return fixture.broker.presence().orElseThrow();
  }

  private boolean renew(String user, String holder) {
    return presence().renew("room", user, holder, LEASE).toCompletableFuture().join();
  }

  private void release(String user, String holder, Duration after) {
    presence().release("room", user, holder, after).toCompletableFuture().join();
  }

  private void count(String holder, int anonymous) {
    presence().count("room", holder, anonymous, LEASE).toCompletableFuture().join();
  }

  private Present present() {
    return presence().present("room").toCompletableFuture().join();
  }

  private List<String> users() {
    return present().members().stream().map(Member::user).toList();
  }

  private int members() {
    Map<String, Integer> seen = new HashMap<>();
    presence().forEachChannel(seen::put);
    return seen.getOrDefault("room", 0);
  }

  private List<String> changes() {
    return new ArrayList<>(fixture.kept(PresenceChannels.of("room")));
  }

  private void pass(Duration time) {
    fixture.clock.advance(time);
    fixture.broker.expire();
  }
}
