package dev.halley.server.hook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.access.Grant;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  private static ByteBuffer key(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static HookAnswer yes(Duration fresh, Optional<Instant> expiry) {
    Grant grant = new Grant(Optional.empty(), expiry, List.of(), List.of());
    return new HookAnswer(Optional.empty(), grant, fresh);
  }

  private static void put(AnswerCache cache, ByteBuffer key, HookAnswer answer) {
    cache.put(key, answer, NOW, answer.grant().expiry().map(it -> Duration.between(NOW, it)));
  }

  @Test
  void theOneThatWasNotUsedForLongestMakesRoom() {
    AnswerCache cache = new AnswerCache(2);
    HookAnswer answer = yes(Duration.ofMinutes(1), Optional.empty());
    put(cache, key("a"), answer);
    put(cache, key("b"), answer);
    assertThat(cache.find(key("a"), NOW)).contains(answer);
    put(cache, key("c"), answer);
    assertThat(cache.size()).isEqualTo(2);
    assertThat(cache.find(key("b"), NOW)).isEmpty();
    assertThat(cache.find(key("a"), NOW)).contains(answer);
  }

  @Test
  void anAnswerIsKeptUntilItsEndAndNoLonger() {
    AnswerCache cache = new AnswerCache(10);
    HookAnswer minute = yes(Duration.ofMinutes(1), Optional.empty());
    put(cache, key("a"), minute);
    assertThat(cache.find(key("a"), NOW.plusMillis(59_999))).contains(minute);
    assertThat(cache.find(key("a"), NOW.plusSeconds(60))).isEmpty();
    assertThat(cache.size()).isZero();

    HookAnswer shorter = yes(Duration.ofMinutes(1), Optional.of(NOW.plusSeconds(10)));
    put(cache, key("a"), shorter);
    assertThat(cache.find(key("a"), NOW.plusSeconds(9))).contains(shorter);
    assertThat(cache.find(key("a"), NOW.plusSeconds(10))).isEmpty();
  }

  @Test
  void oneThatMayNotBeKeptReplacesOneThatIs() {
    AnswerCache cache = new AnswerCache(10);
    put(cache, key("a"), yes(Duration.ofMinutes(1), Optional.empty()));
    put(cache, key("a"), yes(Duration.ZERO, Optional.empty()));
    assertThat(cache.find(key("a"), NOW)).isEmpty();
  }

  @Test
  void withoutRoomNothingIsKept() {
    AnswerCache cache = new AnswerCache(0);
    put(cache, key("a"), yes(Duration.ofMinutes(1), Optional.empty()));
    assertThat(cache.find(key("a"), NOW)).isEmpty();
  }
}
