package dev.halley.server;

/** What somebody must show to be let in, from little to much. */
public enum Permission {
  /** Nothing. */
  ANYONE,
  /** A token that names the channel. */
  TOKEN,
  /** The key of the backends. */
  KEY
}
