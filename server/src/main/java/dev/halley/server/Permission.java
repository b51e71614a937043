package dev.halley.server;

/** What somebody must show to be let in, from little to much. */
public enum Permission {
  /** Nothing. */
  ANYONE,
  /** Nothing: the application is asked, and says yes or no. */
  HOOK,
  /** A token that names the channel. */
  TOKEN,
  /** The key of the backends. */
  KEY
}
