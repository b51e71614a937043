package dev.halley.inspector.dissect;

import dev.halley.websocket.HeaderLookup;
import java.util.Locale;

/** Header fields whose values are compared whatever their letters' case. */
interface HeaderText extends HeaderLookup {
  /** The value of a field in lower case; of several lines, joined by commas. */
  default String lower(String name) {
    return String.join(", ", all(name)).toLowerCase(Locale.ROOT);
  }
}
