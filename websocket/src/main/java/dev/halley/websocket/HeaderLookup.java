package dev.halley.websocket;

import java.util.List;

/** The header fields of a request or a response, however the driver keeps them. */
@FunctionalInterface
public interface HeaderLookup {
  /**
   * The values of all fields of that name, in their order; empty if there is none.
   *
   * @param name compared without regard to case
   */
  List<String> all(String name);
}
