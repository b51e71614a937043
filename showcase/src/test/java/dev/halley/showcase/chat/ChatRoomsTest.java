package dev.halley.showcase.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.Cursor;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChatRoomsTest {
  private Instant now = Instant.EPOCH;
  private final MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
  private final ChatRooms rooms =
      new ChatRooms(
          broker, new Leases(new Leases.Limits(Duration.ofSeconds(25), 10, 10, 2), () -> now));

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void theRoomIsToldWhoComesAndLeaves() throws Exception {
    rooms.enter("lobby", "Ann", "tab-1");
    rooms.enter("lobby", "Bob", "tab-2");
    rooms.leave("tab-1");
    assertThat(said("chat.lobby.people"))
        .containsExactly("{\"join\":\"Ann\"}", "{\"join\":\"Bob\"}", "{\"leave\":\"Ann\"}");
    assertThat(said("chat-rooms"))
        .containsExactly(
            "{\"rooms\":{\"lobby\":1}}", "{\"rooms\":{\"lobby\":2}}", "{\"rooms\":{\"lobby\":1}}");
  }

  @Test
  void whoFollowsFromTheAnswerOnMissesNoChange() throws Exception {
    rooms.enter("lobby", "Ann", "tab-1");
    ChatRooms.Presence presence = rooms.enter("lobby", "Bob", "tab-2");
    assertThat(presence.people()).containsExactly("Ann", "Bob");
    rooms.leave("tab-1");
    assertThat(said("chat.lobby.people", new Cursor.After(presence.since())))
        .containsExactly("{\"leave\":\"Ann\"}");
  }

  @Test
  void aRenewalSaysNothing() throws Exception {
    rooms.enter("lobby", "Ann", "tab-1");
    rooms.enter("lobby", "Ann", "tab-1");
    assertThat(said("chat.lobby.people")).hasSize(1);
  }

  @Test
  void whoIsNotHeardOfLeaves() throws Exception {
    rooms.enter("lobby", "Ann", "tab-1");
    now = now.plusSeconds(25);
    rooms.expire();
    assertThat(said("chat.lobby.people")).endsWith("{\"leave\":\"Ann\"}");
  }

  @Test
  void aFullRoomSaysTheRule() throws Exception {
    rooms.enter("lobby", "Ann", "tab-1");
    rooms.enter("lobby", "Bob", "tab-2");
    assertThatThrownBy(() -> rooms.enter("lobby", "Carol", "tab-3"))
        .isInstanceOf(ChatRooms.FullException.class)
        .hasMessage("at most 2 people are in a room at once");
    assertThat(said("chat.lobby.people")).hasSize(2);
  }

  private List<String> said(String channel) {
    return said(channel, new Cursor.Earliest());
  }

  private List<String> said(String channel, Cursor since) {
    return broker
        .history(channel, since, new ReadLimit(100, 10_000))
        .toCompletableFuture()
        .join()
        .publications()
        .stream()
        .map(Publication::payload)
        .map(payload -> payload.asText())
        .toList();
  }
}
