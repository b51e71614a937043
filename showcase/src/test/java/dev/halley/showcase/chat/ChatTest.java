package dev.halley.showcase.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChatTest {
  private static final Map<String, String> OWN =
      Map.of("Host", "127.0.0.1:8080", "Origin", "http://127.0.0.1:8080");

  private final MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
  private boolean restarting;
  private final Chat chat = new Chat(broker, () -> Instant.EPOCH, true, this::restart);

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void itsOwnPageRestartsTheServerOnceAtATime() throws Exception {
    assertThat(post("/chat/restart", Map.of(), OWN).status()).isEqualTo(202);
    assertThat(restarting).isTrue();
    assertRefused(409, "/chat/restart", Map.of(), OWN);
  }

  @Test
  void nobodyElseRestartsIt() {
    assertRefused(403, "/chat/restart", Map.of(), Map.of());
    assertRefused(403, "/chat/restart", Map.of(), Map.of("Host", "127.0.0.1:8080"));
    assertRefused(
        403,
        "/chat/restart",
        Map.of(),
        Map.of("Host", "127.0.0.1:8080", "Origin", "http://evil.example"));
    assertRefused(403, "/chat/restart", Map.of(), Map.of("Host", "", "Origin", "http://"));
    assertThat(restarting).isFalse();
  }

  @Test
  void whoEntersIsToldWhoIsThere() throws Exception {
    enter("Bob", "tab-0001");
    assertThat(text(enter("  Zoe\u0301 ", "tab-0002")))
        .startsWith("{\"name\":\"Zo\u00E9\",\"people\":[\"Bob\",\"Zo\u00E9\"],\"since\":\"")
        .endsWith(":2\",\"rooms\":{\"lobby\":2},\"kept\":true}");
  }

  @Test
  void whoLeavesIsGone() throws Exception {
    enter("Bob", "tab-0001");
    assertThat(post("/chat/leave", Map.of("tab", List.of("tab-0001")), OWN).status())
        .isEqualTo(204);
    assertThat(text(enter("Ann", "tab-0002"))).contains("\"people\":[\"Ann\"]");
  }

  @Test
  void roomsNamesAndTabsAreChecked() {
    Map<String, List<String>> good = Map.of("name", List.of("Ann"), "tab", List.of("tab-0001"));
    assertRefused(400, "/chat/rooms/Bad.Room/people", good, OWN);
    assertRefused(400, "/chat/rooms/lobby/people", Map.of("tab", List.of("tab-0001")), OWN);
    assertRefused(400, "/chat/rooms/lobby/people", Map.of("name", List.of("Ann")), OWN);
    assertRefused(400, "/chat/leave", Map.of("tab", List.of("x")), OWN);
  }

  private Response enter(String name, String tab) throws Exception {
    return post(
        "/chat/rooms/lobby/people", Map.of("name", List.of(name), "tab", List.of(tab)), OWN);
  }

  private Response post(String path, Map<String, List<String>> query, Map<String, String> headers)
      throws Exception {
    Application.Builder routes = Application.builder();
    chat.addRoutes(routes);
    Application.Target target = routes.build().find("POST", path);
    assertThat(target).isInstanceOf(Application.Target.Handler.class);
    Application.Target.Handler found = (Application.Target.Handler) target;
    return found
        .handler()
        .handle(
            new Request(
                "POST",
                path,
                query,
                headers,
                found.variables(),
                ByteBuffer.allocate(0),
                InetSocketAddress.createUnresolved("localhost", 1)));
  }

  private void assertRefused(
      int status, String path, Map<String, List<String>> query, Map<String, String> headers) {
    assertThatThrownBy(() -> post(path, query, headers))
        .isInstanceOfSatisfying(
            RequestRefusedException.class, e -> assertThat(e.status()).isEqualTo(status));
  }

  private static String text(Response response) {
    return UTF_8.decode(response.body()).toString();
  }

  private boolean restart() {
    boolean begins = !restarting;
    restarting = true;
    return begins;
  }
}
