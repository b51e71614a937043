package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import dev.halley.server.ManualClock;
import dev.halley.server.RecordedLog;
import dev.halley.server.ServerMetrics;
import dev.halley.server.TestTokens;
import dev.halley.server.TokenConfig.Keys;
import java.io.IOException;
import java.net.URI;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When a key set is fetched, and which of its keys count. The test answers the fetches. */
class FetchedKeysTest {
  private static final KeyPair RSA = TestTokens.rsa();
  private static final KeyPair EC = TestTokens.ec("secp256r1");
  private static final KeyPair ED = TestTokens.edwards("Ed25519");
  private static final URI URL = URI.create("https://id.example.org/keys");

  private final ManualClock clock = new ManualClock();
  private final ServerMetrics metrics = new ServerMetrics();
  private final List<CompletableFuture<byte[]>> fetches = new ArrayList<>();
  private final FetchedKeys keys =
      new FetchedKeys(Keys.KeySet.of(URL), this::fetch, clock, metrics);

  private CompletableFuture<byte[]> fetch() {
    fetches.add(new CompletableFuture<>());
    return fetches.getLast();
  }

  private static JWSHeader header(JWSAlgorithm algorithm, String kid) {
    return new JWSHeader.Builder(algorithm).keyID(kid).build();
  }

  private static JWSHeader header(JWSAlgorithm algorithm) {
    return new JWSHeader.Builder(algorithm).build();
  }

  private void answer(String... jwks) {
    fetches.getLast().complete(TestTokens.keySet(jwks).getBytes(UTF_8));
  }

  private VerificationKey find(String kid) {
    return keys.find(header(JWSAlgorithm.RS256, kid));
  }

  private void assertRefused(String kid, int status) {
    assertThatThrownBy(() -> find(kid))
        .isInstanceOfSatisfying(
            RefusedException.class, it -> assertThat(it.refusal().status()).isEqualTo(status));
  }

  private void assertPending(String kid) {
    assertThatThrownBy(() -> find(kid)).isInstanceOf(KeysPendingException.class);
  }

  @Test
  void itIsFetchedAtTheStartAndTokensWaitForIt() {
    assertThat(fetches).hasSize(1);
    assertPending("a");
    assertThat(fetches).hasSize(1);
    answer(TestTokens.jwk("a", RSA));
    assertThat(find("a").algorithm()).isEqualTo(JWSAlgorithm.RS256);
  }

  @Test
  void whoWaitsIsToldWhenItIsThere() {
    KeysPendingException pending = assertThrows(KeysPendingException.class, () -> find("a"));
    assertThat(pending.fetch().toCompletableFuture()).isNotDone();
    answer(TestTokens.jwk("a", RSA));
    assertThat(pending.fetch().toCompletableFuture()).isCompleted();
  }

  @Test
  void anUnknownKidIsFetchedForButNotMoreOftenThanAllowed() {
    answer(TestTokens.jwk("a", RSA));
    for (int i = 0; i < 100; i++) {
      assertRefused("kid-" + i, 401);
    }
    assertThat(fetches).hasSize(1);
    clock.advance(FetchedKeys.INTERVAL);
    assertPending("b");
    assertPending("kid");
    assertThat(fetches).hasSize(2);
    find("a"); // the others go on meanwhile
    answer(TestTokens.jwk("a", RSA), TestTokens.jwk("b", RSA));
    find("b");
    assertRefused("kid", 401);
    assertThat(fetches).hasSize(2);
  }

  @Test
  void aKeyThatIsTakenOutCountsNoMore() {
    answer(TestTokens.jwk("a", RSA));
    clock.advance(Duration.ofMinutes(5).plusMillis(1));
    find("a"); // old, and counts while the set is fetched again
    assertThat(fetches).hasSize(2);
    answer(TestTokens.jwk("b", RSA));
    assertRefused("a", 401);
    find("b");
  }

  @Test
  void oldKeysCountForADayWhereTheEndpointIsDown() {
    answer(TestTokens.jwk("a", RSA));
    for (int i = 0; i < 23; i++) {
      clock.advance(Duration.ofHours(1));
      find("a");
      fetches.getLast().completeExceptionally(new IOException("connection refused"));
    }
    assertThat(metrics.keySetFailures().sum()).isEqualTo(23);
    find("a");
    clock.advance(Duration.ofHours(1).plusMillis(1));
    assertPending("a");
    fetches.getLast().completeExceptionally(new IOException("connection refused"));
    assertRefused("a", 503);
    clock.advance(FetchedKeys.INTERVAL);
    assertPending("a");
    answer(TestTokens.jwk("a", RSA));
    find("a");
  }

  @Test
  void aSetThatCannotBeReadChangesNothing() {
    answer(TestTokens.jwk("a", RSA));
    for (String text : List.of("", "<html>", "[]", "{}", "{\"keys\":[]}", "{\"keys\":[1]}")) {
      clock.advance(Duration.ofMinutes(6));
      find("a");
      fetches.getLast().complete(text.getBytes(UTF_8));
    }
    find("a");
    assertThat(metrics.keySetFailures().sum()).isEqualTo(6);
  }

  @Test
  void eachKeyIsForItsAlgorithmAlone() {
    answer(TestTokens.jwk("rsa", RSA), TestTokens.jwk("ec", EC), TestTokens.jwk("ed", ED));
    assertThat(keys.find(header(JWSAlgorithm.RS256, "rsa")).id()).contains("rsa");
    assertThat(keys.find(header(JWSAlgorithm.ES256, "ec")).id()).contains("ec");
    assertThat(keys.find(header(JWSAlgorithm.EdDSA, "ed")).id()).contains("ed");
    for (JWSAlgorithm other :
        List.of(JWSAlgorithm.HS256, JWSAlgorithm.ES256, JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
      assertThatThrownBy(() -> keys.find(header(other, "rsa")))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void withoutAKidTheAlgorithmSaysWhichWhereOneHasIt() {
    answer(
        TestTokens.jwk("a", RSA), TestTokens.jwk("ec", EC), TestTokens.jwk("b", TestTokens.rsa()));
    assertThat(keys.find(header(JWSAlgorithm.ES256)).id()).contains("ec");
    assertThatThrownBy(() -> keys.find(header(JWSAlgorithm.RS256)))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void whatIsNoStrongPublicKeyForSignaturesIsLeftOut() {
    answer(
        TestTokens.jwk("good", RSA),
        TestTokens.jwk("weak", TestTokens.rsa(1024)),
        TestTokens.jwk("curve", TestTokens.ec("secp384r1")),
        TestTokens.jwk("encrypts", RSA).replace("{", "{\"use\":\"enc\","),
        TestTokens.jwk("other", RSA).replace("{", "{\"alg\":\"RS512\","),
        "{\"kty\":\"oct\",\"kid\":\"secret\",\"k\":\"" + "A".repeat(43) + "\"}");
    find("good");
    for (String kid : List.of("weak", "curve", "encrypts", "other", "secret")) {
      assertRefused(kid, 401);
      assertThatThrownBy(() -> keys.find(header(JWSAlgorithm.HS256, kid)))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void aKidIsLookedUpAndNothingElse() {
    answer(TestTokens.jwk("a", RSA));
    for (String kid :
        List.of("../../dev/null", "http://127.0.0.1:1/", "' OR 1=1 --", "a\u0000", "A", "")) {
      assertRefused(kid, 401);
    }
  }

  private static String changed(String from, String to) {
    return TestTokens.jwk("odd", RSA).replace(from, to);
  }

  private static List<String> oddEntries() {
    String modulus = TestTokens.jwk("", RSA).replaceAll(".*\"n\":\"([^\"]*)\".*", "$1");
    return List.of(
        "null",
        "7",
        "true",
        "\"text\"",
        "[]",
        "[{\"kty\":\"RSA\"}]",
        "{}",
        "{\"kid\":\"odd\"}",
        changed("RSA", "rsa"),
        changed("RSA", "PQC"),
        changed("\"RSA\"", "null"),
        changed("\"RSA\"", "7"),
        changed("\"odd\"", "7"),
        changed("\"odd\"", "{\"a\":[1]}"),
        changed(modulus, ""),
        changed(modulus, "!!"),
        changed(",\"e\":\"AQAB\"", ""),
        changed("AQAB", "AQ"),
        changed("{", "{\"use\":\"enc\","),
        changed("{", "{\"use\":\"tls\","),
        changed("{", "{\"use\":7,"),
        changed("{", "{\"key_ops\":[\"encrypt\"],"),
        changed("{", "{\"key_ops\":7,"),
        changed("{", "{\"alg\":\"RS512\","),
        changed("{", "{\"alg\":[],"),
        changed("{", "{\"x5c\":[\"junk\"],"),
        changed("{", "{\"kty\":\"oct\","),
        changed("{", "{\"d\":\"AQAB\","),
        TestTokens.jwk("odd", TestTokens.rsa(1024)),
        TestTokens.jwk("odd", TestTokens.ec("secp384r1")),
        TestTokens.jwk("good", TestTokens.rsa()),
        "{\"kty\":\"EC\",\"crv\":\"BP-256\",\"kid\":\"b\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"b\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":null,\"kid\":\"b\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"kid\":\"b\",\"x\":\"AA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"b\",\"x\":\"AA\"}",
        "{\"kty\":\"oct\",\"kid\":\"odd\",\"k\":\"" + "A".repeat(43) + "\"}");
  }

  /** RFC 7517 section 5: what isn't understood is ignored, and the others count. */
  @ParameterizedTest
  @MethodSource("oddEntries")
  void anEntryThatIsNotUnderstoodIsLeftOutAloneAndNamed(String odd) {
    try (RecordedLog log = RecordedLog.begin()) {
      answer(TestTokens.jwk("good", RSA), odd);
      VerificationKey good = find("good");
      assertRefused("odd", 401);
      assertThat(log.with("left out")).hasSize(1);
      clock.advance(Duration.ofMinutes(6));
      find("good");
      answer(TestTokens.jwk("good", RSA), odd, TestTokens.jwk("new", RSA)); // at rotation, too
      assertThat(find("good")).isNotSameAs(good);
      find("new");
      assertRefused("odd", 401);
      assertThat(log.with("left out")).as("the same isn't told twice").hasSize(1);
      assertThat(metrics.keySetFailures().sum()).isZero();
    }
  }

  @Test
  void theLogNamesWhatIsLeftOutAndWhyAndNothingSecret() {
    try (RecordedLog log = RecordedLog.begin()) {
      answer(
          TestTokens.jwk("good", RSA),
          changed("{", "{\"d\":\"c2VjcmV0\","),
          "null",
          "{\"kty\":\"EC\",\"crv\":\"BP-256\",\"kid\":\"brain\",\"x\":\"AA\",\"y\":\"AA\"}",
          TestTokens.jwk("k".repeat(5_000), TestTokens.rsa(1024)));
      assertThat(log.with("left out"))
          .singleElement()
          .satisfies(
              it ->
                  assertThat(it)
                      .contains("id.example.org")
                      .contains("\"odd\" can't be used: it has its private part")
                      .contains("entry 3 is no JSON object")
                      .contains("\"brain\" can't be used")
                      .doesNotContain("c2VjcmV0")
                      .hasSizeLessThan(2_000));
      clock.advance(Duration.ofMinutes(6));
      find("good");
      answer(TestTokens.jwk("good", RSA), "null");
      assertThat(log.with("left out")).as("what has changed is told").hasSize(2);
    }
  }

  @Test
  void aKeyThatIsThereTwiceIsOne() {
    answer(TestTokens.jwk("a", RSA), TestTokens.jwk("a", RSA));
    find("a");
    assertThat(keys.find(header(JWSAlgorithm.RS256)).id()).contains("a");
  }

  @Test
  void aKeyWithoutAKidIsForTokensWithoutOne() {
    answer(TestTokens.jwk("", RSA).replace("\"kid\":\"\",", ""));
    assertThat(keys.find(header(JWSAlgorithm.RS256)).id()).isEmpty();
    assertRefused("a", 401);
  }

  @Test
  void strangeMembersOfTheSetDoNoHarm() {
    fetches
        .getLast()
        .complete(
            ("{\"expires\":{\"keys\":1},\"more\":[[]],\"keys\":[" + TestTokens.jwk("a", RSA) + "]}")
                .getBytes(UTF_8));
    find("a");
  }

  @Test
  void whateverEndsAFetchEndsTheWaiting() {
    for (Throwable cause :
        List.of(new OutOfMemoryError("a test"), new IllegalStateException("a test"))) {
      KeysPendingException pending = assertThrows(KeysPendingException.class, () -> find("a"));
      fetches.getLast().completeExceptionally(cause);
      assertThat(pending.fetch().toCompletableFuture()).isCompleted();
      assertRefused("a", 503);
      clock.advance(FetchedKeys.INTERVAL);
    }
    assertThat(metrics.keySetFailures().sum()).isEqualTo(2);
  }

  @Test
  void aFetchThatCannotBeginIsAFailureLikeAnyOther() {
    FetchedKeys broken =
        new FetchedKeys(
            Keys.KeySet.of(URL),
            () -> {
              throw new OutOfMemoryError("unable to create native thread");
            },
            clock,
            metrics);
    for (int i = 1; i <= 3; i++) {
      assertThatThrownBy(() -> broken.find(header(JWSAlgorithm.RS256, "a")))
          .isInstanceOf(RefusedException.class);
      assertThat(metrics.keySetFailures().sum()).isEqualTo(i);
      clock.advance(FetchedKeys.INTERVAL);
    }
  }

  @Test
  void whileKeysCountAndFetchesFailTheyBecomeRarer() {
    answer(TestTokens.jwk("a", RSA));
    clock.advance(Duration.ofMinutes(6));
    List<Long> at = new ArrayList<>();
    for (long second = 0; second < 300; second++) {
      int before = fetches.size();
      find("a");
      if (fetches.size() > before) {
        at.add(second);
        fetches.getLast().completeExceptionally(new IOException("connection refused"));
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(at).containsExactly(0L, 20L, 60L, 120L, 180L, 240L);
  }

  @Test
  void aClockThatIsSetBackStopsNoFetch() {
    answer(TestTokens.jwk("a", RSA));
    clock.advance(Duration.ofHours(-2));
    find("a");
    assertThat(fetches).hasSize(2);
    answer(TestTokens.jwk("b", RSA));
    find("b");
  }
}
