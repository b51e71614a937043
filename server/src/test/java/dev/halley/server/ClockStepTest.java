package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.access.Clocks;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Somebody sets the clock of the machine: what lasts goes on, what ends at a time of day ends then.
 */
class ClockStepTest {
  private static final Duration STEP = Duration.ofHours(2);
  private static final String COOKIE = "Cookie: session=ann\r\n";

  private final ManualClock wall = new ManualClock();
  private final ManualClock steady = new ManualClock();

  private int status(TestServer server) throws IOException {
    return HttpSocket.get(server, "/channels/chat", COOKIE).status();
  }

  @Test
  void anAnswerOfTheApplicationIsKeptForAsLongAsItSays() throws Exception {
    try (FakeApplication application = new FakeApplication();
        TestServer server =
            TestServer.start(
                TestServer.config().withHooks(application.hooks()), new Clocks(wall, steady))) {
      application.replies(FakeApplication.sayFor(60, "{\"allow\":true}"));
      assertThat(status(server)).isEqualTo(200);
      wall.advance(STEP);
      assertThat(status(server)).isEqualTo(200);
      wall.advance(STEP.multipliedBy(2).negated());
      assertThat(status(server)).isEqualTo(200);
      assertThat(application.events()).hasSize(1);
      steady.advance(Duration.ofSeconds(60));
      assertThat(status(server)).isEqualTo(200);
      assertThat(application.events()).hasSize(1);
    }
  }

  @Test
  void theEndOfATokenIsATimeOfDay() throws Exception {
    ServerConfig config =
        TestServer.config()
            .withTokens(TokenConfig.of(new TokenConfig.Keys.Secret(TestTokens.SECRET)));
    String bearer =
        "Authorization: Bearer "
            + TestTokens.good(wall.instant().plus(Duration.ofHours(1)))
            + "\r\n";
    try (TestServer server = TestServer.start(config, new Clocks(wall, steady))) {
      steady.advance(STEP);
      assertThat(HttpSocket.status(server, "/channels/room.1", bearer)).isEqualTo(200);
      wall.advance(STEP);
      assertThat(HttpSocket.status(server, "/channels/room.1", bearer)).isEqualTo(401);
      wall.advance(STEP.negated());
      assertThat(HttpSocket.status(server, "/channels/room.1", bearer)).isEqualTo(200);
    }
  }
}
