package dev.halley.server.access;

import java.util.List;
import java.util.Optional;

/**
 * Why somebody may not do something.
 *
 * @param status 401 where other credentials would help, 403 where these are known and don't
 *     suffice, 503 where they can't be looked at now
 * @param error what RFC 6750 section 3.1 calls it; nothing where there were no credentials
 * @param rule what would have to be the case; for people, without anything secret
 * @param channels which of the request's channels it is about; none if it is about the whole
 */
public record Refusal(int status, Optional<String> error, String rule, List<String> channels) {
  /** Nobody who could be asked about made this request, so nobody is let in. */
  static final Refusal NOT_ASKED_HERE =
      forbidden("Here the API key is needed, for the application isn't asked");

  /** A token in a URL, which others may read, isn't good for more than listening. */
  static final Refusal FROM_URL =
      anonymous(
          "A token in the URL is for listening only: renew it with refresh on halley.v1, or publish"
              + " with Authorization: Bearer");

  /** Other credentials would help. */
  public static final int UNAUTHORIZED = 401;

  /** These credentials are good, and don't suffice. */
  public static final int FORBIDDEN = 403;

  /** Nobody can say now whether these credentials are good. */
  public static final int UNAVAILABLE = 503;

  private static Refusal of(int status, Optional<String> error, String rule) {
    return new Refusal(status, error, rule, List.of());
  }

  /** The same of some of the request's channels, so that the others can go on without them. */
  public Refusal about(List<String> refused) {
    return new Refusal(status, error, rule, refused);
  }

  /** There are no credentials, and some are needed. */
  public static Refusal anonymous(String rule) {
    return of(UNAUTHORIZED, Optional.empty(), rule);
  }

  /** What was presented doesn't count. */
  static Refusal invalid(String rule) {
    return of(UNAUTHORIZED, Optional.of("invalid_token"), rule);
  }

  /** The token is good, and doesn't allow it. */
  static Refusal insufficient(String rule) {
    return of(FORBIDDEN, Optional.of("insufficient_scope"), rule);
  }

  /** The credentials are as they should be, and not for this. */
  public static Refusal forbidden(String rule) {
    return of(FORBIDDEN, Optional.empty(), rule);
  }

  /** Whoever would know can't be asked now. */
  public static Refusal unavailable(String rule) {
    return of(UNAVAILABLE, Optional.empty(), rule);
  }

  /** What was good isn't any more. */
  static Refusal expired(String what) {
    return invalid(what + " has expired");
  }
}
