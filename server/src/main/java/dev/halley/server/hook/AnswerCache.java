package dev.halley.server.hook;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers that the application said may be used again, a bounded number of them: the one that
 * wasn't used for longest makes room. Its owner holds a lock.
 */
final class AnswerCache {
  private record Kept(HookAnswer answer, Instant until) {}

  private final Map<ByteBuffer, Kept> answers;

  AnswerCache(int most) {
    answers =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Kept> eldest) {
            return size() > most;
          }
        };
  }

  /** The answer to the same question, if it still holds. */
  Optional<HookAnswer> find(ByteBuffer key, Instant now) {
    Kept kept = answers.get(key);
    if (kept == null) {
      return Optional.empty();
    }
    if (!now.isBefore(kept.until())) {
      answers.remove(key);
      return Optional.empty();
    }
    return Optional.of(kept.answer());
  }

  /** Keeps an answer for as long as it says, and no longer than what it allows; or not at all. */
  void put(ByteBuffer key, HookAnswer answer, Instant now) {
    Instant until = now.plus(answer.freshFor());
    Instant end = answer.grant().expiry().filter(until::isAfter).orElse(until);
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
