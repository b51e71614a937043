package dev.halley.showcase.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private static final Duration LEASE = Duration.ofSeconds(25);

  private Instant now = Instant.EPOCH;
  private final InstantSource clock = () -> now;
  private final Leases leases = new Leases(new Leases.Limits(LEASE, 4, 2, 2), clock);

  @Test
  void whoEntersIsThere() {
    assertThat(enter("lobby", "Ann", "tab-1")).containsExactly(new Change.Join("lobby", "Ann"));
    assertThat(enter("lobby", "Bob", "tab-2")).containsExactly(new Change.Join("lobby", "Bob"));
    assertThat(leases.in("lobby")).containsExactly("Ann", "Bob");
    assertThat(leases.in("tea")).isEmpty();
    assertThat(leases.occupied()).isEqualTo(Map.of("lobby", 2));
  }

  @Test
  void aNameWithTwoTabsIsThereOnceAndGoesWithTheSecond() {
    enter("lobby", "Ann", "tab-1");
    assertThat(enter("lobby", "Ann", "tab-2")).isEmpty();
    assertThat(leases.in("lobby")).containsExactly("Ann");
    assertThat(leases.release("tab-1")).isEmpty();
    assertThat(leases.release("tab-2")).containsExactly(new Change.Leave("lobby", "Ann"));
    assertThat(leases.in("lobby")).isEmpty();
    assertThat(leases.occupied()).isEmpty();
  }

  @Test
  void whoDoesNotRenewIsGoneWhenTheLeaseHasRunOut() {
    enter("lobby", "Ann", "tab-1");
    pass(Duration.ofSeconds(15));
    enter("lobby", "Bob", "tab-2");
    pass(LEASE.minusSeconds(15).minusMillis(1));
    assertThat(leases.expire()).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(leases.expire()).containsExactly(new Change.Leave("lobby", "Ann"));
    assertThat(leases.in("lobby")).containsExactly("Bob");
  }

  @Test
  void whoRenewsStays() {
    enter("lobby", "Ann", "tab-1");
    enter("lobby", "Bob", "tab-2");
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofSeconds(10));
      assertThat(enter("lobby", "Ann", "tab-1")).isEmpty();
      leases.expire();
    }
    assertThat(leases.in("lobby")).containsExactly("Ann");
  }

  @Test
  void oneOfTwoTabsThatRunsOutLeavesTheNameThere() {
    enter("lobby", "Ann", "tab-1");
    pass(Duration.ofSeconds(20));
    enter("lobby", "Ann", "tab-2");
    pass(Duration.ofSeconds(20));
    assertThat(leases.expire()).isEmpty();
    assertThat(leases.in("lobby")).containsExactly("Ann");
  }

  @Test
  void aTabThatGoesToAnotherRoomLeavesTheFirst() {
    enter("lobby", "Ann", "tab-1");
    assertThat(enter("tea", "Ann", "tab-1"))
        .containsExactly(new Change.Leave("lobby", "Ann"), new Change.Join("tea", "Ann"));
  }

  @Test
  void aTabThatTakesAnotherNameGivesUpTheFirst() {
    enter("lobby", "Ann", "tab-1");
    assertThat(enter("lobby", "Anna", "tab-1"))
        .containsExactly(new Change.Leave("lobby", "Ann"), new Change.Join("lobby", "Anna"));
  }

  @Test
  void aTabThatWasNeverThereLeavesNothing() {
    assertThat(leases.release("tab-1")).isEmpty();
  }

  @Test
  void peopleInARoomAreBoundedAndASecondTabIsNone() {
    enter("lobby", "Ann", "tab-1");
    enter("lobby", "Bob", "tab-2");
    assertThat(leases.renew("lobby", "Carol", "tab-3"))
        .isEqualTo(new Leases.Renewal.Full("at most 2 people are in a room at once"));
    assertThat(enter("lobby", "Ann", "tab-3")).isEmpty();
  }

  @Test
  void roomsAreBounded() {
    enter("lobby", "Ann", "tab-1");
    enter("tea", "Bob", "tab-2");
    assertThat(leases.renew("stars", "Carol", "tab-3"))
        .isEqualTo(new Leases.Renewal.Full("at most 2 rooms have somebody in them"));
    leases.release("tab-2");
    assertThat(enter("stars", "Carol", "tab-3")).hasSize(1);
  }

  @Test
  void tabsAreBoundedAndThoseThatAreThereMayRenew() {
    for (int i = 1; i <= 4; i++) {
      enter("lobby", "Ann", "tab-" + i);
    }
    assertThat(leases.renew("lobby", "Ann", "tab-5"))
        .isEqualTo(new Leases.Renewal.Full("at most 4 pages are in the chat at once"));
    assertThat(enter("lobby", "Ann", "tab-1")).isEmpty();
  }

  @Test
  void whoFindsNoPlaceKeepsTheOldOne() {
    enter("lobby", "Ann", "tab-1");
    enter("lobby", "Bob", "tab-2");
    enter("tea", "Carol", "tab-3");
    assertThat(leases.renew("lobby", "Carol", "tab-3")).isInstanceOf(Leases.Renewal.Full.class);
    assertThat(leases.in("tea")).containsExactly("Carol");
  }

  private List<Change> enter(String room, String name, String tab) {
    Leases.Renewal renewal = leases.renew(room, name, tab);
    assertThat(renewal).isInstanceOf(Leases.Renewal.Held.class);
    return ((Leases.Renewal.Held) renewal).changes();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }
}
