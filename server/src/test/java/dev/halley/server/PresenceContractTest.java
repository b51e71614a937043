package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.TokenConfig.Keys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Who listens is present, and seen to come and go, on all transports. */
@ParameterizedClass
@EnumSource(
    value = Listening.class,
    names = {
      "POLL",
      "LONG_POLL",
      "SSE",
      "WEBSOCKET",
      "HALLEY_V1",
      "HTTP2_LONG_POLL",
      "HTTP2_SSE",
      "HTTP2_DEFLATED_HALLEY_V1"
    })
class PresenceContractTest {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofDays(1);

  @Parameter Listening listening;

  private TestServer start(Duration lease, Duration grace) throws Exception {
    return TestServer.start(
        listening
            .config()
            .withTokens(TokenConfig.of(new Keys.Secret(TestTokens.SECRET)))
            .withPresence(new PresenceConfig(false, lease, grace))
            .withPolicies(List.of(ChannelPolicy.of("room.*").withPresence(true))));
  }

  private Listener open(TestServer server, String user, String channel) throws Exception {
    return listening.open(server, channel, "latest&token=" + TestTokens.of(user));
  }

  @Test
  void whoComesAndGoesIsSeen() throws Exception {
    // Who polls leaves by not coming again; a stream's lease must last, however busy the loops are.
    boolean polls = listening.name().endsWith("POLL");
    try (TestServer server = start(polls ? SHORT : LONG, Duration.ofMillis(50));
        Listener watcher = open(server, "bob", "room.1~presence")) {
      assertThat(PresenceTest.users(server, "room.1")).isEmpty();
      Listener listener = open(server, "ann", "room.1");
      assertThat(next(watcher)).isEqualTo("join ann");
      listener.close();
      assertThat(next(watcher)).isEqualTo("leave ann");
      assertThat(PresenceTest.users(server, "room.1")).isEmpty();
    }
  }

  @Test
  void aUserWithThreeTabsIsThereOnce() throws Exception {
    try (TestServer server = start(LONG, LONG);
        Listener watcher = open(server, "bob", "room.1~presence")) {
      List<Listener> tabs = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        tabs.add(open(server, "ann", "room.1"));
      }
      assertThat(PresenceTest.users(server, "room.1")).containsExactly("ann");
      for (Listener tab : tabs) {
        tab.close();
      }
      try (Listener other = open(server, "cid", "room.1")) {
        assertThat(next(watcher)).isEqualTo("join ann");
        assertThat(next(watcher)).isEqualTo("join cid");
        assertThat(other.cursor()).isNotEmpty();
      }
    }
  }

  @Test
  void whoComesBackInTimeHasNotLeft() throws Exception {
    try (TestServer server = start(LONG, LONG);
        Listener watcher = open(server, "bob", "room.1~presence")) {
      for (int i = 0; i < 3; i++) {
        open(server, "ann", "room.1").close();
        // It is gone, and seen to be.
        Scrape.until(server, streams(), open -> open == streamsOfOthers());
      }
      try (Listener other = open(server, "cid", "room.1")) {
        assertThat(next(watcher)).isEqualTo("join ann");
        assertThat(next(watcher)).isEqualTo("join cid");
        assertThat(other.cursor()).isNotEmpty();
      }
      assertThat(PresenceTest.users(server, "room.1")).containsExactly("ann", "cid");
    }
  }

  @Test
  void whoAsksAndReadsOnFromThereMissesNoChange() throws Exception {
    try (TestServer server = start(LONG, LONG)) {
      try (Listener first = open(server, "ann", "room.1")) {
        assertThat(first.cursor()).isNotEmpty();
        JsonNode present = PresenceTest.ask(server, "room.1", "bob");
        try (Listener second = open(server, "cid", "room.1");
            Listener watcher =
                listening.open(
                    server,
                    "room.1~presence",
                    present.get("position").stringValue() + "&token=" + TestTokens.of("bob"))) {
          assertThat(second.cursor()).isNotEmpty();
          assertThat(next(watcher)).isEqualTo("join cid");
        }
      }
    }
  }

  /** How many streams there are, on channels that have presence or say who is present. */
  private String streams() {
    String transport =
        switch (listening) {
          case SSE, SSE_OBJECTS, HTTP2_SSE, HTTP2_SSE_OBJECTS, POLL, LONG_POLL -> "sse";
          case HTTP2_POLL, HTTP2_LONG_POLL -> "sse";
          case WEBSOCKET, DEFLATED_WEBSOCKET, HTTP2_WEBSOCKET -> "websocket";
          case HALLEY_V1,
              DEFLATED_HALLEY_V1,
              DEFLATED_IN_A_SMALL_WINDOW,
              TLS_HALLEY_V1,
              HTTP2_DEFLATED_HALLEY_V1 ->
              "halley_v1";
        };
    return "halley_subscriptions{pattern=\"room.*\",transport=\"" + transport + "\"}";
  }

  /** The watcher, where it has a stream. */
  private int streamsOfOthers() {
    return switch (listening) {
      case POLL, LONG_POLL, HTTP2_POLL, HTTP2_LONG_POLL -> 0;
      default -> 1;
    };
  }

  private static String next(Listener watcher) throws Exception {
    JsonNode change = Json.parse(((Received.Text) watcher.next()).text());
    String what = change.propertyNames().iterator().next();
    assertThat(change.size()).isEqualTo(1);
    return what + " " + change.get(what).get("user").stringValue();
  }
}
