package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  @Test
  void whatWouldCrossTheLimitIsNotAdded() {
    ByteBudget budget = new ByteBudget(10);
    assertThat(budget.tryAdd(10)).isTrue();
    assertThat(budget.tryAdd(1)).isFalse();
    assertThat(budget.tryAdd(Long.MAX_VALUE)).isFalse();
    assertThat(budget.used()).isEqualTo(10);
    assertThat(budget.tryAdd(-3)).isTrue();
    budget.release(2);
    assertThat(budget.used()).isEqualTo(5);
    assertThat(budget.tryAdd(6)).isFalse();
    assertThat(budget.tryAdd(5)).isTrue();
  }

  @Test
  void threadsTogetherAddAsMuchAsTheLimitAndNoMore() throws Exception {
    int limit = 400_000;
    ByteBudget budget = new ByteBudget(limit);
    Callable<Integer> adder =
        () -> {
          int added = 0;
          for (int i = 0; i < limit; i++) {
            added += budget.tryAdd(1) ? 1 : 0;
          }
          return added;
        };
    int added = 0;
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        futures.add(threads.submit(adder));
      }
      for (Future<Integer> future : futures) {
        added += future.get();
      }
    }
    assertThat(added).isEqualTo(limit);
    assertThat(budget.used()).isEqualTo(limit);
  }
}
