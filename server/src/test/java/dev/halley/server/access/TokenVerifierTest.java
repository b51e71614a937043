package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import dev.halley.server.ManualClock;
import dev.halley.server.TestTokens;
import dev.halley.server.TokenConfig;
import dev.halley.server.TokenConfig.Keys;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens count. */
class TokenVerifierTest {
  private static final int LONGEST = 16 << 10;
  private static final byte[] SECRET = TestTokens.SECRET.getBytes(UTF_8);
  private static final KeyPair RSA = TestTokens.rsa();
  private static final KeyPair EC = TestTokens.ec("secp256r1");
  private static final KeyPair ED = TestTokens.edwards("Ed25519");

  private final ManualClock clock = new ManualClock();
  private final TokenVerifier hs256 = verifier(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)));

  private TokenVerifier verifier(TokenConfig config) {
    KeySource source =
        switch (config.keys()) {
          case Keys.Secret secret -> KeySource.fixed(VerificationKey.of(secret.text()));
          case Keys.PublicKey key -> KeySource.fixed(VerificationKey.of(key.key()));
          case Keys.KeySet set -> throw new AssertionError(set);
        };
    return verifier(config, source);
  }

  private TokenVerifier verifier(TokenConfig config, KeySource source) {
    return new TokenVerifier(config, source, clock, LONGEST, new RecentBySecret<>(10));
  }

  private TokenVerifier verifier(KeyPair keys) {
    return verifier(TokenConfig.of(Keys.PublicKey.ofPem(TestTokens.pem(keys.getPublic()))));
  }

  private String claims() {
    return TestTokens.claims(clock.instant().plusSeconds(60), "");
  }

  private static TokenClaims good(TokenVerifier verifier, String token) {
    return verifier.verify(token);
  }

  private static Refusal refusal(TokenVerifier verifier, String token) {
    Throwable thrown = catchThrowable(() -> verifier.verify(token));
    assertThat(thrown).isInstanceOf(RefusedException.class);
    Refusal refusal = ((RefusedException) thrown).refusal();
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.error()).contains("invalid_token");
    return refusal;
  }

  private String hs256(String claims) {
    return TestTokens.hs256(SECRET, claims);
  }

  // ---- what is remembered ----

  /** Counts how often a signature is looked at. */
  private static final class Counting implements JWSVerifier {
    private final JWSVerifier verifier = VerificationKey.of(TestTokens.SECRET).verifier();
    private int looks;

    VerificationKey key() {
      return new VerificationKey(Optional.empty(), JWSAlgorithm.HS256, this);
    }

    @Override
    public boolean verify(JWSHeader header, byte[] input, Base64URL signature)
        throws JOSEException {
      looks++;
      return verifier.verify(header, input, signature);
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
      return verifier.supportedJWSAlgorithms();
    }

    @Override
    public JCAContext getJCAContext() {
      return verifier.getJCAContext();
    }
  }

  private static TokenConfig config() {
    return TokenConfig.of(new Keys.Secret(TestTokens.SECRET));
  }

  @Test
  void aSignatureThatWasRightIsLookedAtOnce() {
    Counting counting = new Counting();
    TokenVerifier verifier = verifier(config(), KeySource.fixed(counting.key()));
    String token = hs256(claims());
    for (int i = 0; i < 3; i++) {
      assertThat(good(verifier, token).subject()).contains("ann");
    }
    assertThat(counting.looks).isEqualTo(1);
    good(verifier, hs256(TestTokens.claims(clock.instant().plusSeconds(61), "")));
    assertThat(counting.looks).as("another token is another one").isEqualTo(2);
  }

  @Test
  void whatIsRememberedExpiresAllTheSame() {
    Counting counting = new Counting();
    TokenVerifier verifier = verifier(config(), KeySource.fixed(counting.key()));
    String token = hs256(claims());
    good(verifier, token);
    clock.advance(Duration.ofSeconds(60).minusMillis(1));
    good(verifier, token);
    clock.advance(Duration.ofMillis(1));
    assertThat(refusal(verifier, token).rule()).contains("expired");
    assertThat(refusal(verifier, token).rule()).contains("expired");
  }

  @Test
  void whatIsRememberedCountsAsLongAsItsKeyDoes() {
    Counting counting = new Counting();
    VerificationKey first = counting.key();
    AtomicReference<VerificationKey> key = new AtomicReference<>(first);
    TokenVerifier verifier = verifier(config(), header -> key.get());
    String token = hs256(claims());
    good(verifier, token);

    key.set(VerificationKey.of("another secret of at least thirty-two bytes"));
    assertThat(refusal(verifier, token).rule()).contains("signature is wrong");

    key.set(counting.key());
    good(verifier, token);
    assertThat(counting.looks).as("it is the same key again").isEqualTo(1);
  }

  @Test
  void whatIsRememberedIsRefusedWithoutAKey() {
    Counting counting = new Counting();
    AtomicReference<KeySource> keys = new AtomicReference<>(KeySource.fixed(counting.key()));
    TokenVerifier verifier = verifier(config(), header -> keys.get().find(header));
    String token = hs256(claims());
    good(verifier, token);
    keys.set(
        header -> {
          throw new RefusedException(Refusal.invalid("The token's kid is that of no key"));
        });
    assertThat(refusal(verifier, token).rule()).contains("no key");
  }

  @Test
  void whatIsWrongIsNotRemembered() {
    Counting counting = new Counting();
    RecentBySecret<TokenVerifier.Verified> verified = new RecentBySecret<>(10);
    TokenVerifier verifier =
        new TokenVerifier(config(), KeySource.fixed(counting.key()), clock, LONGEST, verified);
    String forged = TestTokens.hs256("a forger's own secret, 32 bytes.".getBytes(UTF_8), claims());
    refusal(verifier, forged);
    refusal(verifier, hs256(TestTokens.claims(clock.instant().minusSeconds(1), "")));
    refusal(verifier, "junk");
    assertThat(verified.size()).isZero();
  }

  @Test
  void whatIsRememberedIsBoundedAndWhatIsUsedStays() {
    Counting counting = new Counting();
    RecentBySecret<TokenVerifier.Verified> verified = new RecentBySecret<>(2);
    TokenVerifier verifier =
        new TokenVerifier(config(), KeySource.fixed(counting.key()), clock, LONGEST, verified);
    String used = hs256(claims());
    for (int i = 0; i < 5; i++) {
      good(verifier, used);
      good(verifier, hs256(TestTokens.claims(clock.instant().plusSeconds(70 + i), "")));
    }
    assertThat(verified.size()).isEqualTo(2);
    assertThat(counting.looks).isEqualTo(6);
  }

  // ---- algorithms ----

  @Test
  void eachAlgorithmCountsWithItsKindOfKey() {
    assertThat(good(hs256, hs256(claims())).subject()).contains("ann");
    assertThat(good(verifier(RSA), rs256()).subject()).contains("ann");
    assertThat(good(verifier(EC), es256()).subject()).contains("ann");
    assertThat(good(verifier(ED), edDsa()).subject()).contains("ann");
  }

  private String rs256() {
    return TestTokens.make(
        "{\"alg\":\"RS256\"}", claims(), TestTokens.signer("SHA256withRSA", RSA.getPrivate()));
  }

  private String es256() {
    return TestTokens.make(
        "{\"alg\":\"ES256\"}",
        claims(),
        bytes -> {
          try {
            byte[] der = TestTokens.signer("SHA256withECDSA", EC.getPrivate()).sign(bytes);
            return ECDSA.transcodeSignatureToConcat(der, 64);
          } catch (com.nimbusds.jose.JOSEException e) {
            throw new AssertionError(e);
          }
        });
  }

  private String edDsa() {
    return TestTokens.make(
        "{\"alg\":\"EdDSA\"}", claims(), TestTokens.signer("Ed25519", ED.getPrivate()));
  }

  @Test
  void noKeyCountsWithAnothersAlgorithm() {
    List<String> tokens = List.of(hs256(claims()), rs256(), es256(), edDsa());
    List<TokenVerifier> verifiers = List.of(hs256, verifier(RSA), verifier(EC), verifier(ED));
    for (int i = 0; i < tokens.size(); i++) {
      for (int k = 0; k < verifiers.size(); k++) {
        if (i != k) {
          assertThat(refusal(verifiers.get(k), tokens.get(i)).rule()).contains("alg");
        }
      }
    }
  }

  @Test
  void noneIsNoAlgorithm() {
    for (String alg : List.of("none", "None", "NONE", "nOnE")) {
      String token = TestTokens.make("{\"alg\":\"" + alg + "\"}", claims(), bytes -> new byte[0]);
      refusal(hs256, token);
      refusal(verifier(RSA), token);
      refusal(hs256, token.substring(0, token.length() - 1));
    }
  }

  @Test
  void aPublicKeyIsNoSecret() {
    byte[] pem = TestTokens.pem(RSA.getPublic()).getBytes(UTF_8);
    for (byte[] secret : List.of(pem, RSA.getPublic().getEncoded())) {
      assertThat(refusal(verifier(RSA), TestTokens.hs256(secret, claims())).rule())
          .isEqualTo("The token's alg is not that of the key");
    }
  }

  @Test
  void strongerSiblingsOfAnAlgorithmDontCount() {
    for (String alg : List.of("HS384", "HS512")) {
      refusal(
          hs256, TestTokens.make("{\"alg\":\"" + alg + "\"}", claims(), TestTokens.hmac(SECRET)));
    }
  }

  @Test
  void aChangedTokenDoesntCount() {
    record Case(TokenVerifier verifier, String token) {}
    for (Case it :
        List.of(
            new Case(hs256, hs256(claims())),
            new Case(verifier(RSA), rs256()),
            new Case(verifier(EC), es256()),
            new Case(verifier(ED), edDsa()))) {
      String[] parts = it.token().split("\\.", -1);
      String other = TestTokens.encode(claims().replace("ann", "bob").getBytes(UTF_8));
      String cut = parts[2].substring(0, parts[2].length() - 4);
      for (String changed :
          List.of(
              parts[0] + "." + other + "." + parts[2],
              parts[0] + "." + parts[1] + "." + cut,
              parts[0] + "." + parts[1] + "." + cut + "AAAA")) {
        assertThat(refusal(it.verifier(), changed).rule()).contains("signature");
      }
    }
  }

  @Test
  void anothersSignatureDoesntCount() {
    assertThat(refusal(verifier(TestTokens.rsa()), rs256()).rule()).contains("signature");
    assertThat(refusal(verifier(TestTokens.ec("secp256r1")), es256()).rule()).contains("signature");
    assertThat(refusal(verifier(TestTokens.edwards("Ed25519")), edDsa()).rule())
        .contains("signature");
    byte[] other = "another secret of thirty-two bytes and more".getBytes(UTF_8);
    assertThat(refusal(hs256, TestTokens.hs256(other, claims())).rule()).contains("signature");
  }

  // ---- the form ----

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "a.b", "a.b.c", "e30.e30.", "a.b.c.d.e", "...", "é.é.é"})
  void whatIsNoTokenIsNone(String text) {
    assertThat(refusal(hs256, text).rule()).contains("JSON Web Token");
  }

  @Test
  void aHeaderThatAsksForMoreThanIsKnownDoesntCount() {
    for (String header :
        List.of(
            "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}",
            "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
            "{\"alg\":\"HS256\",\"typ\":\"logout+jwt\"}")) {
      refusal(hs256, TestTokens.make(header, claims(), TestTokens.hmac(SECRET)));
    }
  }

  @Test
  void keysThatATokenBringsAreNotLookedAt() {
    String header =
        "{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/\",\"x5u\":\"http://127.0.0.1:1/\"}";
    KeyPair mine = TestTokens.rsa();
    String token =
        TestTokens.make(header, claims(), TestTokens.signer("SHA256withRSA", mine.getPrivate()));
    assertThat(refusal(verifier(RSA), token).rule()).contains("signature");
  }

  @Test
  void aTokenIsBounded() {
    String tooLong =
        hs256(
            TestTokens.claims(
                clock.instant().plusSeconds(60), ",\"x\":\"" + "y".repeat(LONGEST) + "\""));
    assertThat(refusal(hs256, tooLong).rule()).contains("at most");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"kid\":\"a\",\"k\\u0069d\":\"b\"}",
        "{\"alg\":\"HS256\",\"more\":{\"a\":1,\"a\":2}}",
        "{\"alg\":\"HS256\",\"more\":[[{\"a\":1,\"a\":1}]]}"
      })
  void aHeaderHasEachNameOnce(String header) {
    String token = TestTokens.make(header, claims(), TestTokens.hmac(SECRET));
    assertThat(refusal(hs256, token).rule()).contains("is there twice");
  }

  // ---- claims ----

  @Test
  void aTokenIsGoodUntilItExpiresAndNotAMomentLonger() {
    String token = hs256(claims());
    clock.advance(Duration.ofMillis(59_999));
    good(hs256, token);
    clock.advance(Duration.ofMillis(1));
    assertThat(refusal(hs256, token).rule()).isEqualTo("The token has expired");
  }

  @Test
  void aTokenThatIsNotValidYetDoesntCount() {
    Instant now = clock.instant();
    String soon = ",\"nbf\":" + (now.getEpochSecond() + 10);
    String later = ",\"nbf\":" + (now.getEpochSecond() + 11);
    good(hs256, hs256(TestTokens.claims(now.plusSeconds(60), soon)));
    assertThat(refusal(hs256, hs256(TestTokens.claims(now.plusSeconds(60), later))).rule())
        .isEqualTo("The token isn't valid yet");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sub\":\"ann\"}",
        "{\"exp\":\"1900000000\"}",
        "{\"exp\":1900000000000}",
        "{\"exp\":-1}",
        "{\"exp\":1e999}",
        "{\"exp\":1900000000,\"exp\":1900000000}",
        "{\"exp\":1900000000,\"sub\":7}",
        "{\"exp\":1900000000,\"role\":\"a\",\"role\":\"b\"}",
        "{\"exp\":1900000000,\"a\":{\"role\":1,\"ro\\u006ce\":2}}",
        "{\"exp\":1900000000,\"a\":[1,[{\"b\":{\"c\":1,\"d\":2,\"c\":3}}]]}",
        "{\"exp\":1900000000,\"channels\":[\"*\"]}",
        "{\"exp\":1900000000,\"channels\":{\"subscribe\":\"*\"}}",
        "{\"exp\":1900000000,\"channels\":{\"subscribe\":[\"r*m\"]}}",
        "{\"exp\":1900000000,\"channels\":{\"subscribe\":[\"**\"]}}",
        "{\"exp\":1900000000,\"channels\":{\"subscribe\":[\"\"]}}",
        "{\"exp\":1900000000,\"channels\":{\"subscribe\":[\"r/m\"]}}",
        "{\"exp\":1900000000,\"channels\":{\"subscribe\":[7]}}",
        "{\"exp\":1900000000,\"channels\":{\"subscribed\":[\"a\"]}}",
        "{\"exp\":1900000000,\"channels\":{},\"channels\":{\"subscribe\":[\"*\"]}}",
        "[]",
        "",
        "{\"exp\":1900000000} {}"
      })
  void claimsThatCanBeReadInTwoWaysDontCount(String claims) {
    refusal(hs256, hs256(claims));
  }

  @Test
  void whatARefusalSaysFitsIntoAHeaderField() {
    String rule = refusal(hs256, hs256("{\"exp\":1900000000,\"sub\":7}")).rule();
    assertThat(rule).matches("[ !#-\\[\\]-~]+").contains("'sub' is a string");
  }

  @Test
  void issuerAndAudienceAreCheckedWhereTheyMatter() {
    TokenVerifier strict =
        verifier(
            new TokenConfig(
                new Keys.Secret(TestTokens.SECRET),
                "c",
                Duration.ZERO,
                Optional.of("https://id.example.org"),
                Optional.of("halley")));
    Instant expiry = clock.instant().plusSeconds(60);
    String issuer = ",\"iss\":\"https://id.example.org\"";
    good(strict, hs256(TestTokens.claims(expiry, issuer + ",\"aud\":\"halley\"")));
    good(strict, hs256(TestTokens.claims(expiry, issuer + ",\"aud\":[\"a\",\"halley\"]")));
    refusal(strict, hs256(TestTokens.claims(expiry, issuer)));
    refusal(strict, hs256(TestTokens.claims(expiry, issuer + ",\"aud\":\"other\"")));
    refusal(strict, hs256(TestTokens.claims(expiry, ",\"iss\":\"x\",\"aud\":\"halley\"")));
  }

  // ---- patterns ----

  @Test
  void aStarStandsForAnyEndOfAName() {
    ChannelPattern rooms = ChannelPattern.parse("room.*");
    assertThat(rooms.matches("room.42")).isTrue();
    assertThat(rooms.matches("room.")).isTrue();
    assertThat(rooms.matches("room")).isFalse();
    assertThat(rooms.matches("Room.42")).isFalse();
    assertThat(rooms.matches("xroom.42")).isFalse();
    assertThat(ChannelPattern.parse("*").matches("anything")).isTrue();
    assertThat(ChannelPattern.parse("room.4").matches("room.42")).isFalse();
  }

  // ---- keys ----

  @Test
  void weakOrWrongKeysStopTheStart() {
    for (java.security.PublicKey key :
        List.of(
            TestTokens.rsa(1024).getPublic(),
            TestTokens.ec("secp384r1").getPublic(),
            TestTokens.edwards("Ed448").getPublic())) {
      assertThatThrownBy(() -> Keys.PublicKey.ofPem(TestTokens.pem(key)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new Keys.Secret("too short"))
        .hasMessageContaining("32 bytes")
        .hasMessageNotContaining("too short");
    assertThatThrownBy(
            () -> Keys.PublicKey.ofPem("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"))
        .hasMessageContaining("public key only");
    assertThatThrownBy(() -> Keys.PublicKey.ofPem("hello")).hasMessageContaining("BEGIN PUBLIC");
  }

  @Test
  void secretsDontPrint() {
    assertThat(new Keys.Secret(TestTokens.SECRET).toString()).doesNotContain(TestTokens.SECRET);
    assertThat(new Credentials(Optional.of("abc"), Optional.of("def")).toString())
        .doesNotContain("abc", "def");
  }
}
