package dev.halley.server.wire;

import dev.halley.server.Limit;

/** JSON that is beyond a bound. The message is the rule. */
public final class JsonBoundException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient Limit limit;

  JsonBoundException(Limit limit, String rule) {
    super(rule + " (" + limit.key() + ")");
    this.limit = limit;
  }

  /** The bound. */
  public Limit limit() {
    return limit;
  }
}
