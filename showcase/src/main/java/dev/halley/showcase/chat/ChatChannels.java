package dev.halley.showcase.chat;

/** The chat's channels. */
final class ChatChannels {
  /** The rooms that have somebody in them, anew whenever that changes. */
  static final String ROOMS = "chat-rooms";

  private static final String MESSAGES = "chat.";

  private ChatChannels() {}

  /** What is said in a room. Pages publish here. */
  static String messages(String room) {
    return MESSAGES + room;
  }

  /** Who comes to a room and leaves it. */
  static String people(String room) {
    return MESSAGES + room + ".people";
  }

  /** Whether a channel carries what is said in a room. */
  static boolean isMessages(String channel) {
    return channel.startsWith(MESSAGES) && Names.isRoom(channel.substring(MESSAGES.length()));
  }
}
