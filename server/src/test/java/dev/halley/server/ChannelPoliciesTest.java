package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.halley.broker.HistoryLimits;
import dev.halley.server.ServerConfig.Overflow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelPoliciesTest {
  private static ChannelPolicies policies(ChannelPolicy... policies) {
    return ChannelPolicies.of(ServerConfig.defaults().withPolicies(List.of(policies)));
  }

  @Test
  void theFirstPatternThatMatchesHolds() {
    ChannelPolicies policies =
        policies(
            ChannelPolicy.of("room.42").withPayload(1),
            ChannelPolicy.of("room.*").withPayload(2),
            ChannelPolicy.of("*").withPayload(3));
    assertThat(policies.rules("room.42").payload()).isEqualTo(1);
    assertThat(policies.rules("room.421").payload()).isEqualTo(2);
    assertThat(policies.rules("room.").payload()).isEqualTo(2);
    assertThat(policies.rules("room").payload()).isEqualTo(3);
    assertThat(policies.rules("Room.42").payload()).isEqualTo(3);
  }

  @Test
  void whatAPolicyLeavesOutIsServerWide() {
    ServerConfig config =
        Configs.withKey("secret")
            .withOverflow(Overflow.LATEST)
            .withPolicies(
                List.of(
                    ChannelPolicy.of("a").withPublish(Permission.KEY),
                    ChannelPolicy.of("b").withOverflow(Overflow.CLOSE)));
    ChannelPolicies policies = ChannelPolicies.of(config);
    assertThat(policies.rules("a"))
        .isEqualTo(
            new ChannelRules(
                "a",
                Permission.ANYONE,
                Permission.KEY,
                Overflow.LATEST,
                config.limits().payload(),
                Optional.empty(),
                Optional.empty(),
                false));
    assertThat(policies.rules("b").overflow()).isEqualTo(Overflow.CLOSE);
    assertThat(policies.rules("c").pattern()).isEqualTo("*");
    assertThat(policies.rules("c").overflow()).isEqualTo(Overflow.LATEST);
  }

  @Test
  void allChannelsOfAPolicyShareItsRules() {
    ChannelPolicies policies = policies(ChannelPolicy.of("room.*"));
    assertThat(policies.rules("room.1")).isSameAs(policies.rules("room.2"));
    assertThat(policies.rules("x")).isSameAs(policies.rules("y"));
    assertThat(policies.all()).containsExactly(policies.rules("room.1"), policies.rules("x"));
  }

  @Test
  void aHistoryHasOfItsOwnWhatThePolicySays() {
    Duration hour = Duration.ofHours(1);
    var history =
        ChannelPolicies.history(
            List.of(
                ChannelPolicy.of("room.*")
                    .withHistory(
                        new ChannelPolicy.History(
                            Optional.of(5), Optional.empty(), Optional.empty()))),
            new HistoryLimits(7, 70, hour));
    assertThat(history.apply("room.1")).isEqualTo(new HistoryLimits(5, 70, hour));
    assertThat(history.apply("lobby")).isEqualTo(new HistoryLimits(7, 70, hour));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a*b", "**", "a b", "*a", "a,b", "a/*", "é*"})
  void aPatternIsANameOrItsBeginning(String pattern) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelPolicy.of(pattern))
        .withMessageStartingWith("a pattern is");
  }

  @Test
  void aPolicyThatIsNeverUsedIsRefused() {
    for (String[] pair :
        new String[][] {{"a", "a"}, {"a*", "a"}, {"a.*", "a.b.*"}, {"a*", "a*"}, {"*", "x"}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> policies(ChannelPolicy.of(pair[0]), ChannelPolicy.of(pair[1])))
          .withMessage(
              "the policy for %s is never used, for the one for %s comes first: put it before that"
                  + " one",
              pair[1], pair[0]);
    }
    assertThat(policies(ChannelPolicy.of("a.*"), ChannelPolicy.of("a*")).all()).hasSize(3);
    assertThat(policies(ChannelPolicy.of("a"), ChannelPolicy.of("a*")).all()).hasSize(3);
  }
}
