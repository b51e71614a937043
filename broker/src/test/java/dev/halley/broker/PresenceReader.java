package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Somebody who asked once who is present, and reads the changes since then. */
final class PresenceReader {
  private static final String JOIN = "{\"join\":{\"user\":\"";
  private static final String LEAVE = "{\"leave\":{\"user\":\"";

  private final Set<String> users = new HashSet<>();

  PresenceReader(Present start) {
    start.members().forEach(member -> users.add(member.user()));
  }

  /** Nobody comes twice, and nobody goes who isn't there. */
  void read(List<Publication> changes) {
    for (Publication change : changes) {
      String text = change.payload().asText();
      if (text.startsWith(JOIN)) {
        assertThat(users.add(user(text, JOIN))).as(text).isTrue();
      } else {
        assertThat(users.remove(user(text, LEAVE))).as(text).isTrue();
      }
    }
  }

  Set<String> users() {
    return users;
  }

  private static String user(String text, String begin) {
    assertThat(text).startsWith(begin);
    return text.substring(begin.length(), text.indexOf('"', begin.length()));
  }
}
