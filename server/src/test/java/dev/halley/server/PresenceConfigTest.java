package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.halley.broker.Broker;
import dev.halley.broker.Presence;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PresenceConfigTest {
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofHours(1);

  @Test
  void aBrokerThatKeepsNoPresenceIsRefusedWhereAPolicyWantsIt() {
    Broker without =
        (Broker)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Broker.class},
                (proxy, method, arguments) -> Optional.empty());
    ServerConfig config =
        TestServer.config().withPolicies(List.of(ChannelPolicy.of("a").withPresence(true)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HalleyServer.start(config, without))
        .withMessage("a policy wants presence, which this broker doesn't keep");
  }

  @Test
  void presenceCanBeEverywhereButWhereAPolicySaysOtherwise() {
    ServerConfig config =
        ServerConfig.defaults()
            .withPresence(new PresenceConfig(true, LEASE, GRACE))
            .withPolicies(List.of(ChannelPolicy.of("a").withPresence(false)));
    ChannelPolicies policies = ChannelPolicies.of(config);
    assertThat(policies.hasPresence("a")).isFalse();
    assertThat(policies.hasPresence("b")).isTrue();
    assertThat(policies.hasPresence("b~presence")).isFalse();
    assertThat(ChannelPolicies.of(ServerConfig.defaults()).hasPresence()).isFalse();
    assertThat(Presence.LONGEST_USER).isEqualTo(255);
  }

  @Test
  void timesAreLongEnough() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PresenceConfig(true, Duration.ofMillis(999), GRACE))
        .withMessage("presence.lease is at least 1 s");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PresenceConfig(true, LEASE, Duration.ofMillis(-1)))
        .withMessage("presence.grace is not negative");
  }
}
