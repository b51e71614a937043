package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PresenceChannelsTest {
  @Test
  void theChannelOfChangesIsNamedAfterTheOneThatIsWatched() {
    assertThat(PresenceChannels.of("room.1")).isEqualTo("room.1~presence");
    assertThat(PresenceChannels.isOne("room.1~presence")).isTrue();
    assertThat(PresenceChannels.watched("room.1~presence")).isEqualTo("room.1");
    assertThat(PresenceChannels.watched("room.1")).isEqualTo("room.1");
  }

  @Test
  void theSuffixAloneIsAnOrdinaryName() {
    assertThat(PresenceChannels.isOne("~presence")).isFalse();
    assertThat(PresenceChannels.isOne("presence")).isFalse();
  }

  @Test
  void aNameThatIsTooLongHasNone() {
    String longest = "x".repeat(246);
    assertThat(PresenceChannels.canHaveOne(longest)).isTrue();
    assertThat(ChannelNames.isValid(PresenceChannels.of(longest))).isTrue();
    assertThat(PresenceChannels.canHaveOne(longest + "x")).isFalse();
  }

  @Test
  void theChannelOfChangesHasNone() {
    assertThat(PresenceChannels.canHaveOne("room.1~presence")).isFalse();
  }
}
