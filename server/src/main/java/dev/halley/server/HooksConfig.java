package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Web hooks: an HTTP endpoint of the application that is asked who may do what.
 *
 * @param url where it is asked
 * @param plainHttp whether {@code url} may be http of another machine
 * @param events what it is asked, and told
 * @param headers fields of a client's request that it gets to see
 * @param secret what questions are signed with, so that it knows who asks
 * @param tries how long an answer may take
 * @param bounds how much may be under way and kept
 * @param circuit when it isn't asked any more for a while
 */
public record HooksConfig(
    URI url,
    boolean plainHttp,
    Set<Event> events,
    List<String> headers,
    Optional<String> secret,
    Tries tries,
    Bounds bounds,
    Circuit circuit) {
  /** What a client's identity is read from mostly. */
  public static final List<String> DEFAULT_HEADERS =
      List.of("Cookie", "Authorization", "Origin", "User-Agent");

  private static final int SHORTEST_SECRET = 32;
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** What happens that the application has a word in. */
  public enum Event {
    /** An event stream or a WebSocket begins. */
    CONNECT,
    /** Somebody wants to listen to a channel or read its history. */
    SUBSCRIBE,
    /** Somebody wants to publish. */
    PUBLISH,
    /** An event stream or a WebSocket has ended: it is told, not asked. */
    DISCONNECT;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Its name in questions and metrics. */
    public String label() {
      return label;
    }
  }

  /**
   * How long an answer may take.
   *
   * @param timeout of each try, from connecting to the body's last byte
   * @param retries further tries after one that brought no answer at all, or 502, 503 or 504
   */
  public record Tries(Duration timeout, int retries) {
    /** Checks that clients don't wait for too long. */
    public Tries {
      require(timeout.isPositive(), "hooks.timeout is longer than 0");
      require(retries >= 0, "hooks.retries is 0 or more");
      require(
          timeout.multipliedBy(retries + 1L).compareTo(LONGEST) <= 0,
          "hooks.timeout times all tries is at most 20s");
    }
  }

  /**
   * How much may be under way and kept.
   *
   * @param inFlight questions that the application is asked at the same time
   * @param waiting questions that wait for one of these places, and notices that wait to be sent
   * @param cached answers that are kept, where the application says for how long
   */
  public record Bounds(int inFlight, int waiting, int cached) {
    /** Checks the numbers. */
    public Bounds {
      require(inFlight > 0, "hooks.in-flight is at least 1");
      require(waiting >= 0, "hooks.waiting is 0 or more");
      require(cached >= 0, "hooks.cache is 0 or more");
    }
  }

  /**
   * When the application isn't asked any more for a while.
   *
   * @param failures questions one after the other that got no answer
   * @param pause until one is asked to try
   */
  public record Circuit(int failures, Duration pause) {
    /** Checks the numbers. */
    public Circuit {
      require(failures > 0, "hooks.circuit-failures is at least 1");
      require(pause.isPositive(), "hooks.circuit-pause is longer than 0");
    }
  }

  /** Checks the URL, the names of fields and the secret's length. */
  public HooksConfig {
    require(
        url.getHost() != null && Set.of("http", "https").contains(String.valueOf(url.getScheme())),
        "hooks.url is the URL of an http or https endpoint");
    require(
        url.getUserInfo() == null && url.getFragment() == null,
        "hooks.url has neither a user nor a fragment");
    require(
        plainHttp || url.getScheme().equals("https") || isThisMachine(url.getHost()),
        "hooks.url is https, or http of this machine; hooks.plain-http allows http of others");
    require(
        secret.isEmpty() || secret.get().getBytes(UTF_8).length >= SHORTEST_SECRET,
        "hooks.secret has at least 32 bytes; openssl rand -base64 32 makes one");
    require(
        headers.stream().allMatch(it -> it.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")),
        "hooks.headers are names of header fields"); // RFC 9110 section 5.1
    require(!events.isEmpty(), "hooks.events has at least one event");
    events = Set.copyOf(events);
    headers = List.copyOf(headers);
  }

  /** All events, and what suits most. */
  public static HooksConfig of(URI url) {
    return new HooksConfig(
        url,
        false,
        EnumSet.allOf(Event.class),
        DEFAULT_HEADERS,
        Optional.empty(),
        new Tries(Duration.ofSeconds(2), 1),
        new Bounds(64, 1_000, 10_000),
        new Circuit(5, Duration.ofSeconds(5)));
  }

  /** Whether the application is asked, or told, of this. */
  public boolean has(Event event) {
    return events.contains(event);
  }

  /** Whether what is asked and answered can be read, and forged, on its way. */
  public boolean isReadable() {
    return !url.getScheme().equals("https") && !isThisMachine(url.getHost());
  }

  /** The same with other events. */
  public HooksConfig withEvents(Set<Event> other) {
    return new HooksConfig(url, plainHttp, other, headers, secret, tries, bounds, circuit);
  }

  /** The same with another secret. */
  public HooksConfig withSecret(String other) {
    return new HooksConfig(
        url, plainHttp, events, headers, Optional.of(other), tries, bounds, circuit);
  }

  /** The same with other patience. */
  public HooksConfig withTries(Tries other) {
    return new HooksConfig(url, plainHttp, events, headers, secret, other, bounds, circuit);
  }

  /** The same with other bounds. */
  public HooksConfig withBounds(Bounds other) {
    return new HooksConfig(url, plainHttp, events, headers, secret, tries, other, circuit);
  }

  /** The same with another circuit. */
  public HooksConfig withCircuit(Circuit other) {
    return new HooksConfig(url, plainHttp, events, headers, secret, tries, bounds, other);
  }

  /** The secret is one. */
  @Override
  public String toString() {
    return "HooksConfig[url="
        + url
        + ", events="
        + events
        + ", secret="
        + secret.map(it -> "masked")
        + "]";
  }

  /** Only names that need no asking: an answer from outside proves nothing. */
  private static boolean isThisMachine(String host) {
    try {
      return host.equals("localhost")
          || (host.matches("[0-9.]+|\\[.*\\]") && InetAddress.getByName(host).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
