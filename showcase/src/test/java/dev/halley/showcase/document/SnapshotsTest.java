package dev.halley.showcase.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.StreamPosition;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SnapshotsTest {
  private final Snapshots snapshots = new Snapshots(new Snapshots.Limits(2, 100, 300));

  @Test
  void theNewestAndTheOneBeforeAreKept() {
    put("a", "e:1", 1);
    put("a", "e:2", 2);
    put("a", "e:3", 3);
    assertThat(snapshots.of("a")).containsExactly(snapshot("e:3", 3), snapshot("e:2", 2));
    assertThat(snapshots.of("b")).isEmpty();
  }

  @Test
  void oneThatCoversNoMoreIsNotTaken() {
    put("a", "e:2", 2);
    assertThat(snapshots.put("a", snapshot("e:2", 9))).isFalse();
    assertThat(snapshots.put("a", snapshot("e:1", 9))).isFalse();
    assertThat(snapshots.of("a")).containsExactly(snapshot("e:2", 2));
  }

  @Test
  void aNewEpochBeginsAnew() {
    put("a", "e:9", 1);
    put("a", "f:1", 2);
    assertThat(snapshots.of("a").get(0)).isEqualTo(snapshot("f:1", 2));
  }

  @Test
  void theDocumentWhoseSnapshotIsTheOldestIsForgottenFirst() {
    put("a", "e:1", 1);
    put("b", "e:1", 1);
    put("a", "e:2", 1);
    put("c", "e:1", 1);
    assertThat(snapshots.of("b")).isEmpty();
    assertThat(snapshots.of("a")).hasSize(2);
    assertThat(snapshots.of("c")).hasSize(1);
  }

  @Test
  void allTogetherAreBounded() {
    put("a", "e:1", 100);
    put("a", "e:2", 100);
    put("b", "e:1", 100);
    assertThat(snapshots.of("a")).hasSize(2);
    put("b", "e:2", 100);
    assertThat(snapshots.of("a")).isEmpty();
    assertThat(snapshots.of("b")).hasSize(2);
  }

  private void put(String document, String covers, int size) {
    assertThat(snapshots.put(document, snapshot(covers, size))).isTrue();
  }

  private static Snapshot snapshot(String covers, int size) {
    return new Snapshot(StreamPosition.parse(covers), ByteBuffer.allocate(size));
  }
}
