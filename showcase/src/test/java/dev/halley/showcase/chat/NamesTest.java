package dev.halley.showcase.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"Ann", "王小明", "Ann Lee", "👩‍🚀", "O'Neil-Smith", "<b>"})
  void whatCanBeSeenIsAName(String name) {
    assertThat(Names.person(name)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "a\u0000b", "\u202Eevil", "a\u2066b", "\uD800", "\u200B"})
  void whatCanNotBeSeenOrTurnsTheTextIsNone(String name) {
    assertThat(Names.person(name)).isEmpty();
  }

  @Test
  void whatLooksTheSameIsTheSame() {
    assertThat(Names.person("  Zoe\u0301   Lee ")).contains("Zo\u00E9 Lee");
  }

  @Test
  void aNameHasAtMost24Characters() {
    assertThat(Names.person("x".repeat(24))).isPresent();
    assertThat(Names.person("x".repeat(25))).isEmpty();
    assertThat(Names.person("😀".repeat(24))).isPresent();
  }

  @Test
  void aRoomIsAPartOfAChannelsName() {
    assertThat(Names.isRoom("tea-2")).isTrue();
    assertThat(Names.isRoom("Tea")).isFalse();
    assertThat(Names.isRoom("tea.people")).isFalse();
    assertThat(Names.isRoom("")).isFalse();
    assertThat(ChatChannels.isMessages("chat.tea")).isTrue();
    assertThat(ChatChannels.isMessages("chat.tea.people")).isFalse();
    assertThat(ChatChannels.isMessages("chat-rooms")).isFalse();
  }
}
