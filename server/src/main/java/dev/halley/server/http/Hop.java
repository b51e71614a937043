package dev.halley.server.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What one proxy says of the request that it got.
 *
 * @param node who sent it, as written; empty if that isn't said
 * @param scheme by which it came
 */
record Hop(String node, Optional<String> scheme) {
  private static final Hop UNREADABLE = new Hop("", Optional.empty());

  /** Reads an element of {@code X-Forwarded-For}. */
  static Hop ofNode(String element) {
    return new Hop(element, Optional.empty());
  }

  /**
   * Reads an element of {@code Forwarded} (RFC 7239 section 4). One that isn't well formed says
   * nothing.
   */
  static Hop ofForwarded(String element) {
    Map<String, String> pairs = new HashMap<>();
    for (String pair : element.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        return UNREADABLE;
      }
      String name = pair.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      if (pairs.put(name, unquoted(pair.substring(equals + 1).strip())) != null) {
        return UNREADABLE; // each at most once
      }
    }
    return new Hop(pairs.getOrDefault("for", ""), Optional.ofNullable(pairs.get("proto")));
  }

  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }
}
