package dev.halley.broker;

/** The rule for channel names: 1 to 255 of {@code A-Z a-z 0-9 . _ ~ : -}. */
public final class ChannelNames {
  /** The longest name, in characters. */
  public static final int MAX_LENGTH = 255;

  /** The rule in words, for error messages. */
  public static final String RULE = "A channel's name is 1 to 255 of A-Z a-z 0-9 . _ ~ : -";

  private ChannelNames() {}

  /** Whether {@code name} may name a channel. */
  public static boolean isValid(String name) {
    int length = name.length();
    if (length == 0 || length > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (!isAllowed(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns {@code name} if it may name a channel.
   *
   * @throws IllegalArgumentException with {@link #RULE} if it may not
   */
  public static String requireValid(String name) {
    if (!isValid(name)) {
      throw new IllegalArgumentException(RULE);
    }
    return name;
  }

  private static boolean isAllowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '~'
        || c == ':'
        || c == '-';
  }
}
