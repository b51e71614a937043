package dev.halley.inspector;

import dev.halley.websocket.Rule;

/**
 * A rule that somebody broke.
 *
 * @param rule in a sentence
 * @param section where it stands, such as {@code RFC 6455 section 5.1}
 */
public record Breach(String rule, String section) {
  /** What the protocol core would have closed the connection for. */
  public static Breach of(Rule rule) {
    return new Breach(rule.text(), rule.section());
  }
}
