package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

/**
 * JSON Web Tokens (RFC 7519) with which people listen and publish.
 *
 * @param keys what they must be signed with
 * @param cookie the name of the cookie that may carry one
 * @param clockSkew by how much the clock of whoever makes them may be ahead of this one
 * @param issuer what their {@code iss} must be, if it matters
 * @param audience what must be in their {@code aud}, if it matters
 */
public record TokenConfig(
    Keys keys,
    String cookie,
    Duration clockSkew,
    Optional<String> issuer,
    Optional<String> audience) {
  /** The name of the cookie unless another is set. */
  public static final String DEFAULT_COOKIE = "halley-token";

  private static final Duration DEFAULT_CLOCK_SKEW = Duration.ofSeconds(10);
  private static final Duration LARGEST_CLOCK_SKEW = Duration.ofMinutes(5);
  private static final int SHORTEST_SECRET = 32;

  /** Checks the cookie's name and the clock skew. */
  public TokenConfig {
    require(
        cookie.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+"),
        "a cookie's name is made of letters, digits and -_."); // RFC 6265 section 4.1.1
    require(
        !clockSkew.isNegative() && clockSkew.compareTo(LARGEST_CLOCK_SKEW) <= 0,
        "a clock skew is at most 5m");
  }

  /** Tokens signed with such keys, and all else as it is mostly. */
  public static TokenConfig of(Keys keys) {
    return new TokenConfig(
        keys, DEFAULT_COOKIE, DEFAULT_CLOCK_SKEW, Optional.empty(), Optional.empty());
  }

  /** What tokens must be signed with. The kind of key is what says which algorithm counts. */
  public sealed interface Keys {
    /**
     * One secret that whoever makes tokens has, too: HS256.
     *
     * @param text its UTF-8 is the key
     */
    record Secret(String text) implements Keys {
      /** Checks its length (RFC 7518 section 3.2). */
      public Secret {
        require(
            text.getBytes(UTF_8).length >= SHORTEST_SECRET,
            "a JWT secret has at least 32 bytes; openssl rand -base64 32 makes one");
      }

      /** It is secret. */
      @Override
      public String toString() {
        return "Secret[masked]";
      }
    }

    /**
     * One public key: RS256, ES256 or EdDSA (Ed25519).
     *
     * @param key what {@link #ofPem} has read
     */
    record PublicKey(java.security.PublicKey key) implements Keys {
      /**
       * Reads a key from a file's text.
       *
       * @throws IllegalArgumentException with what is wrong with it
       */
      public static PublicKey ofPem(String text) {
        return new PublicKey(PublicKeyFile.parse(text));
      }
    }

    /**
     * The key set (RFC 7517 section 5) at a URL: RS256, ES256 and EdDSA, each with keys of its
     * kind.
     *
     * @param url https, or http of this machine
     * @param refresh how old it may become before it is fetched again
     * @param stale how long it counts if it can't be fetched any more
     */
    record KeySet(URI url, Duration refresh, Duration stale) implements Keys {
      /** Checks the URL and the times. */
      public KeySet {
        require(
            url.getHost() != null
                && ("https".equals(url.getScheme())
                    || ("http".equals(url.getScheme()) && isThisMachine(url.getHost()))),
            "the URL of a key set is https, or http of this machine");
        require(refresh.isPositive(), "a key set's refresh time is longer than 0");
        require(stale.compareTo(refresh) >= 0, "a key set is stale later than it is refreshed");
      }

      /** With the times that suit most. */
      public static KeySet of(URI url) {
        return new KeySet(url, Duration.ofMinutes(5), Duration.ofDays(1));
      }

      /** Only names that need no asking: an answer from outside proves nothing. */
      private static boolean isThisMachine(String host) {
        try {
          return host.equals("localhost")
              || (host.matches("[0-9.]+|\\[.*\\]")
                  && InetAddress.getByName(host).isLoopbackAddress());
        } catch (UnknownHostException e) {
          return false;
        }
      }
    }
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
