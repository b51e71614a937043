package dev.halley.server.access;

import dev.halley.broker.ChannelNames;

/**
 * Channels that a token names: one, or all whose names begin alike.
 *
 * @param text the name, or the beginning
 * @param prefix whether it is the beginning
 */
public record ChannelPattern(String text, boolean prefix) {
  /**
   * Reads {@code room.42}, {@code room.*} or {@code *}.
   *
   * @throws IllegalArgumentException if it is none of these: a {@code *} elsewhere would be taken
   *     for a wildcard by whoever wrote it
   */
  public static ChannelPattern parse(String pattern) {
    boolean prefix = pattern.endsWith("*");
    String text = prefix ? pattern.substring(0, pattern.length() - 1) : pattern;
    if (!ChannelNames.isValid(text) && !(prefix && text.isEmpty())) {
      throw new IllegalArgumentException(
          "a pattern is a channel's name, or its beginning and a * at the end");
    }
    return new ChannelPattern(text, prefix);
  }

  /** As it was read. */
  @Override
  public String toString() {
    return prefix ? text + "*" : text;
  }

  /** Whether the channel with this name is one of them. */
  public boolean matches(String channel) {
    return prefix ? channel.startsWith(text) : channel.equals(text);
  }
}
