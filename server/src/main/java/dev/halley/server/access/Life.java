package dev.halley.server.access;

/** How long a caller is what it is. */
public enum Life {
  /** For a while yet. */
  LASTING,
  /** Its token expires soon: whoever knows a way to tell it does. */
  ENDING,
  /** Its token has expired: what it has open ends. */
  OVER
}
