package dev.halley.server.http;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the operator of each origin whose pages are refused, once, and of so many of them as no
 * stranger can fill a log with. For any thread.
 */
final class RefusedOrigins {
  /** Origins that are told of; a stranger can make up more. */
  static final int MOST = 100;

  private static final int LONGEST = 200;

  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /** A page of that origin was refused. */
  void tell(String origin) {
    String shown = shown(origin);
    if (told.size() >= MOST || !told.add(shown)) {
      return;
    }
    // Not kept: the first logger that is asked for looks for a logging system in each jar.
    System.Logger log = System.getLogger(RefusedOrigins.class.getName());
    if (shown.equals("null")) {
      log.log(
          Level.WARNING,
          "A page without an origin (of a file or a sandbox, \"null\") was refused:"
              + " serve it, and allow where it is served from with --allow-origin");
    } else {
      log.log(
          Level.WARNING,
          "A page of {0} was refused: if it is yours, allow it with --allow-origin {0}",
          shown);
    }
    if (told.size() == MOST) {
      log.log(Level.WARNING, "Further origins that are refused are not told of");
    }
  }

  /** What of an origin is shown in messages. */
  static String shown(String origin) {
    return origin.length() <= LONGEST ? origin : origin.substring(0, LONGEST) + "…";
  }
}
