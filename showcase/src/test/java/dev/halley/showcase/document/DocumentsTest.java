package dev.halley.showcase.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.Cursor;
import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DocumentsTest {
  private final MemoryBroker broker =
      MemoryBroker.start(
          MemoryBroker.Config.defaults()
              .withHistory(new HistoryLimits(3, 1 << 20, Duration.ofHours(1))));
  private final Documents documents = new Documents(broker, new Snapshots.Limits(10, 100, 1_000));

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void whoComesLaterGetsTheSnapshotAndWhatItCovers() {
    String covers = update();
    assertThat(write(covers, new byte[] {1, 2, 3}).status()).isEqualTo(204);
    Response response = read(Map.of());
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).containsEntry("Document-Covers", covers);
    assertThat(response.body()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
  }

  @Test
  void withoutASnapshotThereIsNothing() {
    assertThat(read(Map.of()).status()).isEqualTo(204);
    write(update(), new byte[] {1});
    assertThat(read(Map.of("before", List.of(""))).status()).isEqualTo(204);
    write(update(), new byte[] {2});
    assertThat(read(Map.of("before", List.of(""))).body())
        .isEqualTo(ByteBuffer.wrap(new byte[] {1}));
  }

  @Test
  void aSnapshotIsAnnounced() {
    String covers = update();
    write(covers, new byte[7]);
    assertThat(
            broker
                .history("document.d.snapshots", new Cursor.Earliest(), new ReadLimit(9, 999))
                .toCompletableFuture()
                .join()
                .publications())
        .extracting(publication -> publication.payload().asText())
        .containsExactly("{\"covers\":\"" + covers + "\",\"bytes\":7}");
  }

  @Test
  void oneThatCoversNoMoreIsAConflict() {
    String first = update();
    String second = update();
    write(second, new byte[] {2});
    assertRefused(409, () -> write(first, new byte[] {1}));
    assertRefused(409, () -> write(second, new byte[] {1}));
  }

  @Test
  void onlyPositionsOfTheLogAreCovered() {
    String gone = update();
    for (int i = 0; i < 4; i++) {
      update();
    }
    assertRefused(400, () -> write(gone, new byte[] {1}));
    assertRefused(400, () -> write("otherepoch:1", new byte[] {1}));
    assertRefused(400, () -> write(gone.replaceFirst(":.*", ":99"), new byte[] {1}));
    assertRefused(400, () -> write("nonsense", new byte[] {1}));
  }

  @Test
  void aSnapshotIsNeitherEmptyNorLargerThanItsBound() {
    String covers = update();
    assertRefused(413, () -> write(covers, new byte[0]));
    assertRefused(413, () -> write(covers, new byte[101]));
    assertThat(write(covers, new byte[100]).status()).isEqualTo(204);
  }

  private String update() {
    return broker
        .publish("document.d", Payload.binary(new byte[] {0}), Optional.empty())
        .toCompletableFuture()
        .join()
        .toString();
  }

  private Response read(Map<String, List<String>> query) {
    return documents.read(request(query, new byte[0]));
  }

  private Response write(String covers, byte[] body) {
    return documents.write(request(Map.of("covers", List.of(covers)), body));
  }

  private static Request request(Map<String, List<String>> query, byte[] body) {
    return new Request(
        "POST",
        "/document/snapshots/d",
        query,
        Map.of(),
        Map.of("name", "d"),
        ByteBuffer.wrap(body),
        InetSocketAddress.createUnresolved("localhost", 1));
  }

  private static void assertRefused(
      int status, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RequestRefusedException.class, e -> assertThat(e.status()).isEqualTo(status));
  }
}
