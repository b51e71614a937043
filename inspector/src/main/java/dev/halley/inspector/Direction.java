package dev.halley.inspector;

/** Whither bytes go. */
public enum Direction {
  /** From the client. */
  TO_SERVER,

  /** From the server. */
  TO_CLIENT;

  /** The other one. */
  public Direction opposite() {
    return this == TO_SERVER ? TO_CLIENT : TO_SERVER;
  }
}
