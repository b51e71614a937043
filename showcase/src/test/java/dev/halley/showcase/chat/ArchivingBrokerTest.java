package dev.halley.showcase.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivingBrokerTest {
  @TempDir private Path directory;
  private Path path;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("data").resolve("chat.log");
  }

  @Test
  void whatWasSaidIsThereInTheNextProcess() throws Exception {
    try (Broker first = open()) {
      publish(first, "chat.lobby", Payload.json("{\"text\":\"one\"}"), "key-1");
      publish(first, "chat.tea", Payload.text("two"), "key-2");
      publish(first, "chat.lobby", Payload.binary(new byte[] {0, 1, (byte) 0xff}), "key-3");
    }
    try (Broker second = open()) {
      assertThat(said(second, "chat.lobby"))
          .containsExactly(
              Payload.json("{\"text\":\"one\"}"), Payload.binary(new byte[] {0, 1, (byte) 0xff}));
      assertThat(said(second, "chat.tea")).containsExactly(Payload.text("two"));
    }
  }

  @Test
  void itIsOnTheDiskBeforeTheSenderIsTold() throws Exception {
    try (Broker broker = open()) {
      long before = Files.size(path);
      publish(broker, "chat.lobby", Payload.text("hello"), "key-1");
      assertThat(Files.size(path)).isGreaterThan(before);
    }
  }

  @Test
  void aRetryIsNotSaidTwiceInThisProcessNorInTheNext() throws Exception {
    try (Broker first = open()) {
      StreamPosition position = publish(first, "chat.lobby", Payload.text("once"), "key-1");
      assertThat(publish(first, "chat.lobby", Payload.text("once"), "key-1")).isEqualTo(position);
    }
    try (Broker second = open()) {
      publish(second, "chat.lobby", Payload.text("once"), "key-1");
      assertThat(said(second, "chat.lobby")).containsExactly(Payload.text("once"));
    }
  }

  @Test
  void whatIsNotSaidInARoomIsNotKept() throws Exception {
    try (Broker first = open()) {
      publish(first, "chat.lobby.people", Payload.text("x"), "key-1");
      publish(first, "game", Payload.text("x"), "key-2");
      publish(first, "chat.lobby", Payload.text("x".repeat(9_000)), "key-3");
      assertThat(said(first, "chat.lobby")).hasSize(1);
    }
    assertThat(path).isEmptyFile();
  }

  @Test
  void aRecordThatWasCutOffIsLeftOutAndWritingGoesOnBeforeIt() throws Exception {
    try (Broker first = open()) {
      publish(first, "chat.lobby", Payload.text("whole"), "key-1");
      publish(first, "chat.lobby", Payload.text("cut"), "key-2");
    }
    byte[] all = Files.readAllBytes(path);
    for (int length = all.length - 1; length > all.length - 30; length--) {
      Files.write(path, Arrays.copyOf(all, length));
      try (Broker broker = open()) {
        assertThat(said(broker, "chat.lobby")).containsExactly(Payload.text("whole"));
        publish(broker, "chat.lobby", Payload.text("next"), "key-3");
      }
      try (Broker broker = open()) {
        assertThat(said(broker, "chat.lobby"))
            .containsExactly(Payload.text("whole"), Payload.text("next"));
      }
    }
  }

  @Test
  void aDamagedRecordIsNotRead() throws Exception {
    try (Broker first = open()) {
      publish(first, "chat.lobby", Payload.text("whole"), "key-1");
    }
    long size = Files.size(path);
    try (var file = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
      file.position(size - 1).write(ByteBuffer.wrap(new byte[] {'X'}));
    }
    try (Broker second = open()) {
      assertThat(said(second, "chat.lobby")).isEmpty();
    }
  }

  @Test
  void twoServersCanNotHaveTheSameFile() throws Exception {
    try (Broker first = open();
        MemoryBroker memory = MemoryBroker.start(MemoryBroker.Config.defaults())) {
      assertThat(said(first, "chat.lobby")).isEmpty();
      assertThatThrownBy(() -> ArchivingBroker.open(memory, path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use by another server");
    }
  }

  @Test
  void afterItsEndItTakesNothing() throws Exception {
    Broker broker = open();
    broker.close();
    assertThatThrownBy(() -> publish(broker, "chat.lobby", Payload.text("late"), "key-1"))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(BrokerUnavailableException.class);
  }

  @Test
  void theFileIsWrittenAnewWithTheNewestWhenItHasGrown() throws Exception {
    ArchiveFile.Limits limits = new ArchiveFile.Limits(1_000, 2, 3);
    try (ArchiveFile file = ArchiveFile.open(path, limits)) {
      assertThat(file.read()).isEmpty();
      for (int i = 0; i < 200; i++) {
        file.append(
            List.of(new ArchiveRecord("chat.r" + i % 3, "key-" + i, Payload.text("m" + i))));
        assertThat(file.size()).isLessThanOrEqualTo(1_000);
      }
      assertThat(file.read().stream().map(ArchiveRecord::payload).map(Payload::asText))
          .as("three each of the two rooms in which something was said last")
          .containsExactly("m192", "m193", "m195", "m196", "m198", "m199");
    }
  }

  private Broker open() throws IOException {
    return ArchivingBroker.open(MemoryBroker.start(MemoryBroker.Config.defaults()), path);
  }

  private static StreamPosition publish(
      Broker broker, String channel, Payload payload, String key) {
    return broker
        .publish(channel, payload, Optional.of(IdempotencyKey.of("", key)))
        .toCompletableFuture()
        .join();
  }

  private static List<Payload> said(Broker broker, String channel) {
    return broker
        .history(channel, new Cursor.Earliest(), new ReadLimit(1_000, 1 << 20))
        .toCompletableFuture()
        .join()
        .publications()
        .stream()
        .map(publication -> publication.payload())
        .toList();
  }
}
