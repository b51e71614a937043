package dev.halley.server.hook;

import dev.halley.server.access.RecentBySecret;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Answers that the application said may be used again, a bounded number of them. Its owner holds a
 * lock.
 */
final class AnswerCache {
  private record Kept(HookAnswer answer, Instant until) {}

  private final RecentBySecret<Kept> answers;

  AnswerCache(int most) {
    answers = new RecentBySecret<>(most);
  }

  /** The answer to the same question, if it still holds. */
  Optional<HookAnswer> find(ByteBuffer key, Instant now) {
    Optional<Kept> kept = answers.find(key);
    if (kept.isPresent() && !now.isBefore(kept.get().until())) {
      answers.remove(key);
      return Optional.empty();
    }
    return kept.map(Kept::answer);
  }

  /**
   * Keeps an answer for as long as it says, and no longer than what it allows; or not at all.
   *
   * @param left how long what it allows still holds, if that has an end
   */
  void put(ByteBuffer key, HookAnswer answer, Instant now, Optional<Duration> left) {
    Duration fresh = answer.freshFor();
    Instant end = now.plus(left.filter(it -> it.compareTo(fresh) < 0).orElse(fresh));
    if (end.isAfter(now)) {
      answers.put(key, new Kept(answer, end));
    } else {
      answers.remove(key);
    }
  }

  int size() {
    return answers.size();
  }
}
