package dev.halley.broker;

/** What is published when a user comes or goes. */
final class PresenceEvent {
  private PresenceEvent() {}

  static Payload join(Member member) {
    return Payload.json(
        "{\"join\":{\"user\":"
            + quoted(member.user())
            + ",\"since\":"
            + member.sinceMillis()
            + "}}");
  }

  static Payload leave(String user) {
    return Payload.json("{\"leave\":{\"user\":" + quoted(user) + "}}");
  }

  /** As a JSON string (RFC 8259 section 7). */
  private static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return json.append('"').toString();
  }
}
