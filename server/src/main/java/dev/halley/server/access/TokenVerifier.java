package dev.halley.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.Base64URL;
import dev.halley.server.TokenConfig;
import dev.halley.server.wire.JsonInput;
import java.nio.ByteBuffer;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * Tells whether a token counts (RFC 7519 section 7.2, RFC 8725). For any thread.
 *
 * <p>Tokens whose signatures have been found right are remembered: a poller sends the same one
 * again and again, and with ES256 or EdDSA each look at its signature takes as long as hundreds of
 * requests. Whether its key still counts and whether it is its time is looked at anew whenever it
 * comes.
 */
final class TokenVerifier {
  /** Tokens that are remembered; some 10 MB with tokens as they are. */
  static final int MOST_REMEMBERED = 10_000;

  /** Other tokens of the same issuer say other things (RFC 8725 section 3.11). */
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  private final TokenConfig config;
  private final KeySource keys;
  private final InstantSource clock;
  private final int longest;
  private final RecentBySecret<Verified> verified;

  /**
   * What was found out of a token.
   *
   * @param header by which its key is found
   * @param key that its signature was made with
   */
  record Verified(JWSHeader header, VerificationKey key, TokenClaims claims) {}

  /**
   * A verifier.
   *
   * @param longest characters of a token
   * @param verified remembers those that count
   */
  TokenVerifier(
      TokenConfig config,
      KeySource keys,
      InstantSource clock,
      int longest,
      RecentBySecret<Verified> verified) {
    this.config = config;
    this.keys = keys;
    this.clock = clock;
    this.longest = longest;
    this.verified = verified;
  }

  /**
   * What a token says.
   *
   * @throws RefusedException if it doesn't count
   * @throws KeysPendingException if that can't be told yet
   */
  TokenClaims verify(String token) {
    require(token.length() <= longest, "A token has at most " + longest + " characters");
    ByteBuffer hash = RecentBySecret.hash(token);
    Optional<Verified> known = verified.find(hash).filter(this::isStillSigned);
    TokenClaims claims = known.isPresent() ? known.get().claims() : checkSignature(token, hash);
    try {
      checkTimes(claims, clock.instant());
      checkParties(claims);
    } catch (RefusedException e) {
      verified.remove(hash); // it won't get better
      throw e;
    }
    return claims;
  }

  /** Whether its key is the one that such a token needs now. */
  private boolean isStillSigned(Verified known) {
    return keys.find(known.header()).equals(known.key());
  }

  private TokenClaims checkSignature(String token, ByteBuffer hash) {
    JWSObject signed = parse(token);
    VerificationKey key = keys.find(signed.getHeader());
    TokenClaims claims = check(signed, key);
    verified.put(hash, new Verified(signed.getHeader(), key, claims));
    return claims;
  }

  private JWSObject parse(String token) {
    Base64URL encoded = new Base64URL(token.substring(0, Math.max(token.indexOf('.'), 0)));
    requireDistinctNames("header", encoded.decode());
    JWSObject signed;
    try {
      signed = JWSObject.parse(token);
    } catch (ParseException | RuntimeException e) {
      throw refused("That is no signed JSON Web Token");
    }
    JWSHeader header = signed.getHeader();
    Set<String> critical = header.getCriticalParams();
    require(critical == null || critical.isEmpty(), "The token has a crit, which isn't known here");
    require(
        header.getType() == null
            || TYPES.contains(header.getType().getType().toLowerCase(Locale.ROOT)),
        "The token's typ is not JWT");
    return signed;
  }

  /** RFC 8725 section 2.4: of two of one name others may see the other one. */
  private static void requireDistinctNames(String part, byte[] json) {
    try {
      JsonInput.requireDistinctNames(json);
    } catch (JacksonException e) {
      throw refused("The token's " + part + " is no JSON");
    } catch (IllegalArgumentException e) {
      throw refused("The token's " + part + ": " + plain(JsonInput.reason(e)));
    }
  }

  private TokenClaims check(JWSObject signed, VerificationKey key) {
    require(
        signed.getHeader().getAlgorithm().equals(key.algorithm()),
        "The token's alg is not that of the key");
    try {
      require(signed.verify(key.verifier()), "The token's signature is wrong");
    } catch (JOSEException | IllegalStateException e) {
      throw refused("The token's signature can't be checked");
    }
    requireDistinctNames("payload", signed.getPayload().toBytes());
    TokenClaims claims;
    try {
      claims = TokenClaims.parse(signed.getPayload().toBytes());
    } catch (JacksonException e) {
      throw refused("The token's payload is no JSON");
    } catch (IllegalArgumentException e) {
      throw refused("The token's claims: " + plain(JsonInput.reason(e)));
    }
    return claims;
  }

  private void checkTimes(TokenClaims claims, Instant now) {
    require(now.isBefore(claims.expiry()), "The token has expired");
    Optional<Instant> begin = claims.notBefore();
    require(
        begin.isEmpty() || !begin.get().isAfter(now.plus(config.clockSkew())),
        "The token isn't valid yet");
  }

  private void checkParties(TokenClaims claims) {
    require(
        config.issuer().isEmpty() || config.issuer().equals(claims.issuer()),
        "The token is of another issuer");
    require(
        config.audience().isEmpty() || claims.audience().contains(config.audience().get()),
        "The token is for another audience");
  }

  /** It becomes part of a header field, in quotes. */
  private static String plain(String text) {
    return text.replaceAll("[^ !#-\\[\\]-~]", "'");
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw refused(rule);
    }
  }

  private static RefusedException refused(String rule) {
    return new RefusedException(Refusal.invalid(rule));
  }
}
