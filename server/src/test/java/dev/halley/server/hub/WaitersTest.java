package dev.halley.server.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Failures;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is woken when a channel grows. */
class WaitersTest {
  private final Waiters waiters = new Waiters();
  private final List<String> woken = new ArrayList<>();

  @Test
  void allAreWokenOnceInTheOrderInWhichTheyCame() {
    waiters.add(named("a"));
    waiters.add(named("b"));
    waiters.add(named("c"));
    assertThat(waiters.count()).isEqualTo(3);
    waiters.wakeAll(new Failures());
    waiters.wakeAll(new Failures());
    assertThat(woken).containsExactly("a", "b", "c");
    assertThat(waiters.isEmpty()).isTrue();
  }

  @Test
  void whoHasLeftIsNotWokenAndMayLeaveTwice() {
    Waiter first = named("first");
    Waiter middle = named("middle");
    Waiter last = named("last");
    List.of(first, middle, last).forEach(waiters::add);
    waiters.remove(middle);
    waiters.remove(middle);
    waiters.wakeAll(new Failures());
    waiters.remove(first);
    assertThat(woken).containsExactly("first", "last");
    waiters.add(middle);
    waiters.wakeAll(new Failures());
    assertThat(woken).containsExactly("first", "last", "middle");
  }

  @Test
  void whoComesWhileTheyAreWokenWaitsForTheNextTime() {
    Waiter returning =
        new Waiter() {
          @Override
          public void wake() {
            woken.add("returning");
            waiters.add(this);
          }
        };
    waiters.add(returning);
    waiters.add(named("other"));
    waiters.wakeAll(new Failures());
    assertThat(woken).containsExactly("returning", "other");
    assertThat(waiters.count()).isEqualTo(1);
    waiters.wakeAll(new Failures());
    assertThat(woken).containsExactly("returning", "other", "returning");
  }

  @Test
  void whoLeavesBecauseAnotherIsWokenIsNotWoken() {
    Waiter leaving = named("leaving");
    Waiter first =
        new Waiter() {
          @Override
          public void wake() {
            woken.add("first");
            waiters.remove(leaving);
          }
        };
    List.of(first, leaving, named("last")).forEach(waiters::add);
    waiters.wakeAll(new Failures());
    assertThat(woken).containsExactly("first", "last");
  }

  @Test
  void whenOneThrowsTheOthersAreWokenAllTheSame() {
    Waiter failing =
        new Waiter() {
          @Override
          public void wake() {
            throw new StackOverflowError("on purpose");
          }
        };
    List.of(named("a"), failing, named("b")).forEach(waiters::add);
    Failures failures = new Failures();
    waiters.wakeAll(failures);
    assertThat(woken).containsExactly("a", "b");
    assertThat(waiters.isEmpty()).isTrue();
    assertThat(failures.count(Failures.Place.DELIVERY)).isEqualTo(1);
  }

  private Waiter named(String name) {
    return new Waiter() {
      @Override
      public void wake() {
        woken.add(name);
      }
    };
  }
}
