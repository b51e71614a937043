package dev.halley.showcase.game;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GameRoomTest {
  private static final int WELCOME = 0;
  private static final int STATE = 1;
  private static final int ROSTER = 2;

  private final AtomicLong nanos = new AtomicLong();
  private final GameRoom room =
      new GameRoom(
          Arena.standard(),
          new Random(5),
          InstantSource.fixed(Instant.ofEpochMilli(7)),
          nanos::get);
  private final FakeSession session = new FakeSession();
  private final GameSocket socket = join(session, "Ada");

  private GameSocket join(FakeSession session, String name) {
    GameSocket joining = new GameSocket(name, session, room, nanos::get);
    assertThat(room.enter(joining)).isTrue();
    return joining;
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  private Player player() {
    return room.world().players().getFirst();
  }

  @Test
  void whoComesIsWelcomedAndGetsEveryState() {
    room.step();
    assertThat(session.takeKinds()).containsExactly(WELCOME, ROSTER, STATE);
    room.step();
    assertThat(session.takeKinds()).containsExactly(STATE);
  }

  @Test
  void everybodyIsToldWhoComesAndGoes() {
    room.step();
    session.takeKinds();
    GameSocket other = join(new FakeSession(), "Bo");
    room.step();
    assertThat(session.takeKinds()).containsExactly(ROSTER, STATE);
    other.onClose(1000, "");
    room.step();
    assertThat(session.takeKinds()).containsExactly(ROSTER, STATE);
    assertThat(room.world().players()).hasSize(1);
  }

  @Test
  void aSlowConnectionMissesStatesButNeitherWelcomeNorRoster() {
    session.writable = false;
    room.step();
    room.step();
    assertThat(session.takeKinds()).isEmpty();
    session.writable = true;
    room.step();
    assertThat(session.takeKinds()).containsExactly(WELCOME, ROSTER, STATE);
    session.writable = false;
    join(new FakeSession(), "Bo");
    room.step();
    session.writable = true;
    room.step();
    assertThat(session.takeKinds()).containsExactly(ROSTER, STATE);
  }

  @Test
  void framesSteer() {
    room.step();
    player().place(new Point(1600, 500));
    socket.onBinary(bytes(1, 0, 127, 0));
    room.step();
    room.step();
    assertThat(player().x()).isEqualTo(1620);
    socket.onBinary(bytes(1, 0, 0, -127));
    room.step();
    assertThat(player().y()).isEqualTo(490);
  }

  @Test
  void aStrokeThatIsOverBeforeTheStepCounts() {
    room.step();
    socket.onBinary(bytes(1, 1, 0, 0));
    socket.onBinary(bytes(1, 0, 0, 0));
    room.step();
    assertThat(player().striking()).isTrue();
  }

  @Test
  void aTextIsRefused() {
    socket.onText("{}");
    assertThat(session.closeCode).isEqualTo(1003);
    assertThat(room.occupied()).isFalse();
  }

  @Test
  void whatIsNoFrameOfTheGameIsRefused() {
    for (ByteBuffer bad :
        new ByteBuffer[] {
          bytes(),
          bytes(1),
          bytes(1, 0, 0),
          bytes(1, 0, 0, 0, 0),
          bytes(1, 2, 0, 0),
          bytes(2),
          bytes(2, 101),
          bytes(2, 1, 1),
          bytes(3, 0),
          bytes(0)
        }) {
      FakeSession one = new FakeSession();
      join(one, "Bad").onBinary(bad);
      assertThat(one.closeCode).isEqualTo(1008);
      assertThat(one.closeReason).isNotEmpty();
    }
  }

  @Test
  void moreFramesThanAnyPersonSendsAreRefused() {
    for (int i = 0; i < GameSocket.BURST; i++) {
      socket.onBinary(bytes(1, 0, 1, 1));
    }
    assertThat(session.closeCode).isZero();
    nanos.addAndGet(1_000_000_000);
    for (int i = 0; i < GameSocket.FRAMES_PER_SECOND; i++) {
      socket.onBinary(bytes(1, 0, 1, 1));
    }
    assertThat(session.closeCode).isZero();
    socket.onBinary(bytes(1, 0, 1, 1));
    assertThat(session.closeCode).isEqualTo(1008);
  }

  @Test
  void theWorldHasRoomForSoMany() {
    for (int i = 1; i < GameRoom.MOST_PLAYERS; i++) {
      join(new FakeSession(), "Player " + i);
    }
    FakeSession late = new FakeSession();
    assertThat(room.enter(new GameSocket("Late", late, room, nanos::get))).isFalse();
    socket.onClose(1001, "");
    assertThat(room.enter(new GameSocket("Late", late, room, nanos::get))).isTrue();
  }

  @Test
  void botsComeAndGoAsWanted() {
    socket.onBinary(bytes(2, 100));
    room.step();
    assertThat(room.world().players()).hasSize(101);
    socket.onBinary(bytes(2, 10));
    room.step();
    assertThat(room.world().players()).hasSize(11);
  }

  @Test
  void botsKillMonsters() {
    socket.onBinary(bytes(2, 30));
    for (int i = 0; i < 600; i++) {
      room.step();
    }
    assertThat(room.world().players().stream().filter(Player::bot).mapToInt(Player::kills).sum())
        .isGreaterThan(5);
  }

  @Test
  void whenTheLastPersonLeavesTheBotsLeaveToo() {
    socket.onBinary(bytes(2, 10));
    room.step();
    socket.onClose(1001, "");
    room.clear();
    assertThat(room.world().players()).isEmpty();
    join(new FakeSession(), "Ada");
    room.step();
    assertThat(room.world().players()).hasSize(1);
  }

  @Test
  void anIdlePlayerIsStruckWithinAMinute() {
    room.step();
    int steps = 0;
    while (player().health() == Player.HEALTH) {
      room.step();
      assertThat(++steps).isLessThan(60 * 20);
    }
  }
}
