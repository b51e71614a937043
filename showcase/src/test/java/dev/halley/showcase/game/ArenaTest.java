package dev.halley.showcase.game;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaTest {
  private static final Wall WALL = new Wall(400, 300, 600, 500);
  private static final Arena ARENA = new Arena(1000, 800, List.of(WALL));

  @Test
  void wallsAndTheBorderStopWhoWalks() {
    World world = Worlds.in(ARENA);
    Player player = Worlds.player(world, 300, 400);
    player.steer(1, 0, false);
    Worlds.pass(world, 5);
    assertThat(player.x()).isEqualTo(400 - Player.RADIUS);
    player.steer(-1, -1, false);
    Worlds.pass(world, 10);
    assertThat(player.x()).isEqualTo(Player.RADIUS);
    assertThat(player.y()).isEqualTo(Player.RADIUS);
  }

  @Test
  void oneSlidesAlongAWall() {
    World world = Worlds.in(ARENA);
    Player player = Worlds.player(world, 300, 320);
    player.steer(1, 1, false);
    Worlds.pass(world, 1);
    assertThat(player.x()).isEqualTo(400 - Player.RADIUS);
    assertThat(player.y()).isGreaterThan(430);
  }

  @Test
  void whoIsInAWallIsPutOut() {
    for (int x = 401; x < 600; x += 20) {
      for (int y = 301; y < 500; y += 20) {
        Point out = ARENA.free(x, y, 16);
        assertThat(WALL.touches(out.x(), out.y(), 15.99)).isFalse();
      }
    }
  }

  @Test
  void aWallHidesWhatIsBehindIt() {
    assertThat(ARENA.sees(300, 400, 700, 400)).isFalse();
    assertThat(ARENA.sees(300, 200, 700, 200)).isTrue();
    assertThat(ARENA.sees(300, 400, 350, 400)).isTrue();
    assertThat(ARENA.sees(500, 100, 500, 700)).isFalse();
    assertThat(ARENA.sees(200, 100, 200, 700)).isTrue();
  }

  @Test
  void monstersWalkAroundEveryWall() {
    Random random = new Random(11);
    Arena arena = Arena.standard();
    for (int trial = 0; trial < 300; trial++) {
      World world = Worlds.in(arena);
      Point place = arena.anywhere(random, Player.RADIUS);
      Player player = Worlds.player(world, place.x(), place.y());
      double angle = random.nextDouble(2 * Math.PI);
      Point from = new Point(place.x() + Math.cos(angle) * 320, place.y() + Math.sin(angle) * 320);
      Monster monster = world.add(MonsterKind.BRUTE, from);
      Worlds.passUntil(world, 30, () -> monster.gap(player) <= Monster.REACH);
    }
  }

  @Test
  void wallsOfTheStandardArenaLeaveRoomBetweenThem() {
    Arena arena = Arena.standard();
    double room = 4 * MonsterKind.BRUTE.radius();
    for (Wall wall : arena.walls()) {
      assertThat(wall.left()).isGreaterThan((int) room);
      assertThat(wall.top()).isGreaterThan((int) room);
      assertThat(wall.right()).isLessThan(arena.width() - (int) room);
      assertThat(wall.bottom()).isLessThan(arena.height() - (int) room);
      for (Wall other : arena.walls()) {
        double across = Math.max(other.left() - wall.right(), wall.left() - other.right());
        double along = Math.max(other.top() - wall.bottom(), wall.top() - other.bottom());
        assertThat(wall.equals(other) || Math.max(across, along) > room).isTrue();
      }
    }
  }
}
