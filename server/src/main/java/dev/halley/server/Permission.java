package dev.halley.server;

/** What somebody must show to be let in. */
public enum Permission {
  /** Nothing. */
  ANYONE,
  /** The key of the backends. */
  KEY
}
