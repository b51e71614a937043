package dev.halley.broker;

/**
 * The channel beside a channel that says who comes and goes there. It is an ordinary one, to which
 * nobody publishes but whoever keeps the {@link Presence}; and it has no such channel itself.
 */
public final class PresenceChannels {
  /** What its name has behind the channel's. */
  public static final String SUFFIX = "~presence";

  /** The longest name of a channel that can have one. */
  public static final int LONGEST = ChannelNames.MAX_LENGTH - SUFFIX.length();

  private PresenceChannels() {}

  /** The name of the channel that says who comes and goes. */
  public static String of(String channel) {
    return channel + SUFFIX;
  }

  /** Whether it is one of those that say who comes and goes. */
  public static boolean isOne(String channel) {
    return channel.length() > SUFFIX.length() && channel.endsWith(SUFFIX);
  }

  /** Whether there can be one beside this channel. */
  public static boolean canHaveOne(String channel) {
    return channel.length() <= LONGEST && !isOne(channel);
  }

  /** The channel that it is beside of, or the channel itself if it is no such one. */
  public static String watched(String channel) {
    return isOne(channel) ? channel.substring(0, channel.length() - SUFFIX.length()) : channel;
  }
}
