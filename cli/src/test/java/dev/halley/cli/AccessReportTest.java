package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ChannelPolicy;
import dev.halley.server.Permission;
import dev.halley.server.ServerConfig;
import dev.halley.server.Tls;
import dev.halley.server.TokenConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessReportTest {
  private static final ServerConfig OPEN = ServerConfig.defaults();
  private static final ServerConfig KEY =
      OPEN.withAccess(new ServerConfig.Access(Optional.of("key"), List.of()));
  private static final ServerConfig TOKENS =
      OPEN.withTokens(
          TokenConfig.of(new TokenConfig.Keys.Secret("a secret of at least thirty-two bytes")));

  private static ServerConfig reachable(ServerConfig config) {
    return config.withNetwork(new ServerConfig.Network("0.0.0.0", 8080, ServerConfig.Io.AUTO, 0));
  }

  @Test
  void anOpenServerIsWarnedOf() {
    assertThat(new AccessReport(OPEN).warnings())
        .singleElement()
        .asString()
        .startsWith("no API key is set: anybody who can reach this port may publish.");
    assertThat(new AccessReport(OPEN).summary())
        .isEqualTo("listening needs nothing, publishing needs nothing");
  }

  @Test
  void aKeyOrTokensAreEnoughOnThisMachine() {
    assertThat(new AccessReport(KEY).warnings()).isEmpty();
    assertThat(new AccessReport(KEY).summary())
        .isEqualTo("listening needs nothing, publishing needs the API key");
    assertThat(new AccessReport(TOKENS).warnings()).isEmpty();
    assertThat(new AccessReport(TOKENS).summary())
        .isEqualTo("listening needs a token, publishing needs a token");
  }

  @Test
  void whatSecretsTravelUnencryptedIsWarnedOf() {
    for (ServerConfig config : List.of(KEY, TOKENS)) {
      assertThat(new AccessReport(reachable(config)).warnings())
          .singleElement()
          .asString()
          .startsWith("there is no TLS: keys and tokens can be read on their way.");
      assertThat(new AccessReport(reachable(config).withTls(new Tls.SelfSigned())).warnings())
          .isEmpty();
    }
  }

  @Test
  void aPolicyThatOpensPublishingIsWarnedOf() {
    ServerConfig config =
        TOKENS.withPolicies(
            List.of(
                ChannelPolicy.of("open.*").withPublish(Permission.ANYONE),
                ChannelPolicy.of("news.*").withSubscribe(Permission.ANYONE)));

    assertThat(new AccessReport(config).warnings())
        .containsExactly("a policy lets anybody who can reach this port publish on open.*.");
    assertThat(new AccessReport(config).summary())
        .isEqualTo(
            "listening needs a token, publishing needs a token, where no policy says otherwise");
  }
}
