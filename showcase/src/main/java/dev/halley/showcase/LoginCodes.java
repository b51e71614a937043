package dev.halley.showcase;

import dev.halley.server.app.RequestRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/**
 * The codes that are open. A code is waiting, then scanned, then confirmed or declined, and expires
 * in between if it takes too long; once over it is forgotten, so that it can't be used again and
 * can't be told from one that never was. Only the phone that scanned it may answer: it got a
 * ticket. Safe for use by many threads; the listener is called in the order of what happens, and
 * must not call back.
 */
final class LoginCodes {
  private static final int BITS = 128;
  private static final int MAX_NAME = 40;

  private final InstantSource clock;
  private final RandomGenerator random;
  private final int maxOpen;
  private final Duration lifetime;
  private final BiConsumer<LoginCode, LoginState> listener;

  /** In the order in which they expire. */
  private final Map<String, Open> open = new LinkedHashMap<>();

  /** A code that isn't over; without a ticket nobody has scanned it. */
  private record Open(LoginCode code, String ticket) {
    boolean isScanned() {
      return !ticket.isEmpty();
    }
  }

  /**
   * None yet.
   *
   * @param random must not be guessable
   * @param maxOpen at most so many at the same time
   * @param lifetime of each
   * @param listener is told of every state of every code
   */
  LoginCodes(
      InstantSource clock,
      RandomGenerator random,
      int maxOpen,
      Duration lifetime,
      BiConsumer<LoginCode, LoginState> listener) {
    this.clock = clock;
    this.random = random;
    this.maxOpen = maxOpen;
    this.lifetime = lifetime;
    this.listener = listener;
  }

  /**
   * A new code.
   *
   * @throws RequestRefusedException 503 if too many are open
   */
  synchronized LoginCode open() {
    expire();
    if (open.size() >= maxOpen) {
      throw new RequestRefusedException(503, "Too many codes are open: try again in a minute");
    }
    LoginCode code = new LoginCode(secret(), "login." + secret(), clock.instant().plus(lifetime));
    open.put(code.id(), new Open(code, ""));
    listener.accept(code, new LoginState.Waiting());
    return code;
  }

  /**
   * A phone has read the code.
   *
   * @return the ticket with which it may answer
   * @throws RequestRefusedException 404 if it is over or never was, 409 if it has been scanned
   */
  synchronized String scan(String id) {
    Open found = find(id);
    if (found.isScanned()) {
      throw new RequestRefusedException(409, "This code has been scanned by another phone");
    }
    String ticket = secret();
    open.put(id, new Open(found.code(), ticket));
    listener.accept(found.code(), new LoginState.Scanned());
    return ticket;
  }

  /**
   * The phone says yes.
   *
   * @param name of the one who logs in: 1 to 40 characters
   * @throws RequestRefusedException 404 if the code is over or never was, 403 if the ticket is not
   *     its, 400 if the name is too long or blank
   */
  synchronized void confirm(String id, String ticket, String name) {
    String clean = name.strip();
    if (clean.isEmpty() || clean.length() > MAX_NAME) {
      throw new RequestRefusedException(400, "A name has 1 to " + MAX_NAME + " characters");
    }
    end(id, ticket, new LoginState.Confirmed(clean));
  }

  /** The phone says no. Throws as {@link #confirm}. */
  synchronized void decline(String id, String ticket) {
    end(id, ticket, new LoginState.Declined());
  }

  /** Ends those whose time has run out. */
  synchronized void expire() {
    Instant now = clock.instant();
    for (Iterator<Open> codes = open.values().iterator(); codes.hasNext(); ) {
      LoginCode code = codes.next().code();
      if (code.expires().isAfter(now)) {
        return;
      }
      codes.remove();
      listener.accept(code, new LoginState.Expired());
    }
  }

  /** How much time a code has left. */
  Duration left(LoginCode code) {
    return Duration.between(clock.instant(), code.expires());
  }

  private void end(String id, String ticket, LoginState state) {
    Open found = find(id);
    if (!found.isScanned() || !found.ticket().equals(ticket)) {
      throw new RequestRefusedException(403, "Only the phone that scanned the code may answer");
    }
    open.remove(id);
    listener.accept(found.code(), state);
  }

  private Open find(String id) {
    expire();
    Open found = open.get(id);
    if (found == null) {
      throw new RequestRefusedException(404, "This code is over or never was");
    }
    return found;
  }

  private String secret() {
    byte[] bytes = new byte[BITS / Byte.SIZE];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
