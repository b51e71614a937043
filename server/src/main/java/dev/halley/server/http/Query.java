package dev.halley.server.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a target's query. A parameter that a path doesn't know is refused: if it were
 * ignored, a client that resumes by a name of its own would lose messages in silence.
 */
final class Query {
  /** Where to go on, under whichever of its names. */
  static final String LAST_EVENT_ID = "lastEventId";

  /** Names that polyfills of EventSource give it, without case, hyphens and underscores. */
  private static final List<String> NAMES_OF_LAST_EVENT_ID =
      List.of("lasteventid", "evslasteventid");

  /**
   * What keeps old browsers and proxies from answering out of a cache: jQuery's, and that of
   * Yaffle's EventSource before 1.0. They carry a number and mean nothing.
   */
  private static final List<String> CACHE_BUSTERS = List.of("_", "r");

  private static final Query EMPTY = new Query(Map.of());
  private static final int LONGEST_NAME_TOLD = 40;

  /** A slip of the keyboard; more than that is another word. */
  private static final int NEAR = 2;

  private final Map<String, List<String>> parameters;

  private Query(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /**
   * Reads the query of a target.
   *
   * @throws HttpError 400 if it isn't percent-encoded UTF-8
   */
  static Query of(String target) {
    try {
      return parse(target);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest("The query is not percent-encoded UTF-8");
    }
  }

  /**
   * As {@link #of}.
   *
   * @throws IllegalArgumentException if it isn't percent-encoded UTF-8
   */
  static Query parse(String target) {
    if (target.indexOf('?') < 0) {
      return EMPTY;
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    QueryStringDecoder.builder()
        .semicolonIsNormalChar(true)
        .build(target)
        .parameters()
        .forEach((name, values) -> add(parameters, name, values));
    return new Query(parameters);
  }

  private static void add(Map<String, List<String>> all, String name, List<String> values) {
    String letters = name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    if (NAMES_OF_LAST_EVENT_ID.contains(letters)) {
      // A polyfill that has no id yet says so with an empty one.
      List<String> ids = values.stream().filter(id -> !id.isEmpty()).toList();
      all.computeIfAbsent(LAST_EVENT_ID, it -> new ArrayList<>()).addAll(ids);
    } else {
      all.put(name, values);
    }
  }

  /** All values of a parameter, in their order. */
  List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /**
   * The value of a parameter.
   *
   * @throws HttpError 400 if it is there twice
   */
  Optional<String> value(String name) {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw givenTwice(name);
    }
    return values.stream().findFirst();
  }

  /**
   * Checks that each parameter is a known one and is there once.
   *
   * @param subject whose parameters they are: "A poll"
   * @param known in the order in which they are told
   * @param ignored known ones that say nothing, and aren't told
   * @throws HttpError 400 with the parameter's name, and those that there are
   */
  void require(String subject, List<String> known, List<String> ignored) {
    parameters.forEach(
        (name, values) -> {
          if (values.size() > 1) {
            throw givenTwice(name);
          }
          boolean isKnown =
              known.contains(name) || ignored.contains(name) || isCacheBuster(name, values);
          if (!isKnown) {
            throw HttpError.badRequest(unknown(subject, name, known));
          }
        });
  }

  /** As the other, where nothing is ignored. */
  void require(String subject, List<String> known) {
    require(subject, known, List.of());
  }

  private static boolean isCacheBuster(String name, List<String> values) {
    return CACHE_BUSTERS.contains(name)
        && values.stream().allMatch(it -> it.chars().allMatch(c -> c >= '0' && c <= '9'));
  }

  private static HttpError givenTwice(String name) {
    return HttpError.badRequest("The parameter " + told(name) + " is given once");
  }

  private static String unknown(String subject, String name, List<String> known) {
    String nearest = nearest(name, known);
    return subject
        + " has no parameter "
        + told(name)
        + (nearest == null ? "" : " (" + nearest + "?)")
        + (known.isEmpty() ? ", nor any other" : "; there are " + String.join(", ", known));
  }

  private static String told(String name) {
    return name.length() <= LONGEST_NAME_TOLD ? name : name.substring(0, LONGEST_NAME_TOLD) + "…";
  }

  private static @Nullable String nearest(String name, List<String> known) {
    String nearest = null;
    int least = NEAR + 1;
    for (String candidate : known) {
      int distance = distance(name, candidate);
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** How many letters one must add, leave out or change; more than {@link #NEAR} is not counted. */
  private static int distance(String a, String b) {
    if (Math.abs(a.length() - b.length()) > NEAR) {
      return NEAR + 1;
    }
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
