package dev.halley.showcase.game;

import static dev.halley.showcase.game.MonsterKind.BRUTE;
import static dev.halley.showcase.game.MonsterKind.CRAWLER;
import static dev.halley.showcase.game.MonsterKind.HUNTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorldTest {
  @Test
  void monstersChaseTheNearestPlayer() {
    World world = Worlds.empty();
    Worlds.player(world, 100, 400);
    Player near = Worlds.player(world, 700, 400);
    Monster monster = world.add(CRAWLER, new Point(500, 400));
    world.tick(Worlds.STEP);
    assertThat(monster.x()).isCloseTo(500 + CRAWLER.speed() * 0.05, within(1e-9));
    near.place(new Point(900, 400));
    double before = monster.x();
    world.tick(Worlds.STEP);
    assertThat(monster.x()).as("the other is nearer now").isEqualTo(before, within(10.0));
    near.place(new Point(950, 400));
    world.players().getFirst().place(new Point(300, 400));
    before = monster.x();
    world.tick(Worlds.STEP);
    assertThat(monster.x()).isLessThan(before);
  }

  @Test
  void monstersDontChaseTheDead() {
    World world = Worlds.empty();
    Player dead = Worlds.exposed(world, 450, 400);
    Worlds.player(world, 800, 400);
    Monster monster = world.add(CRAWLER, new Point(600, 400));
    dead.hurt(Player.HEALTH);
    world.tick(Worlds.STEP);
    assertThat(monster.x()).isGreaterThan(600);
  }

  @ParameterizedTest
  @EnumSource
  void aMonsterReachesAndStrikesWhoDoesNothing(MonsterKind kind) {
    World world = Worlds.empty();
    Player idle = Worlds.exposed(world, 500, 400);
    world.add(kind, new Point(200, 400));
    double free = 300 - Player.RADIUS - kind.radius() - Monster.REACH;
    double seconds = Worlds.passUntil(world, 10, () -> idle.health() < Player.HEALTH);
    assertThat(seconds).isCloseTo(free / kind.speed() + kind.windUp(), within(0.15));
    assertThat(idle.health()).isEqualTo(Player.HEALTH - kind.damage());
  }

  @Test
  void aMonsterThatIsTooFarStrikesNobody() {
    World world = Worlds.empty();
    Player idle = Worlds.exposed(world, 500, 400);
    Monster monster = world.add(BRUTE, new Point(440, 400));
    Worlds.passUntil(world, 1, monster::windingUp);
    idle.place(new Point(500 + Monster.REACH + Monster.LUNGE + 1, 400));
    Worlds.passUntil(world, 1, monster::striking);
    assertThat(idle.health()).as("who steps back in time").isEqualTo(Player.HEALTH);
  }

  @Test
  void aMonsterWaitsBetweenStrokes() {
    World world = Worlds.empty();
    Player idle = Worlds.exposed(world, 500, 400);
    world.add(CRAWLER, new Point(470, 400));
    Worlds.passUntil(world, 1, () -> idle.health() < 100);
    double seconds = Worlds.passUntil(world, 3, () -> idle.health() < 100 - CRAWLER.damage());
    assertThat(seconds).isCloseTo(CRAWLER.cooldown() + CRAWLER.windUp(), within(0.11));
  }

  @Test
  void monstersRoamTowardsPlayersThatTheyDontSee() {
    World world = Worlds.in(Arena.standard());
    Player idle = Worlds.exposed(world, 200, 200);
    for (int i = 0; i < 8; i++) {
      world.add(CRAWLER, new Point(3000, 1700));
    }
    Worlds.passUntil(world, 120, () -> idle.health() < Player.HEALTH);
  }

  @Test
  void aPlayerStrikesWhatIsBeforeThem() {
    World world = Worlds.empty();
    Player player = Worlds.player(world, 500, 400);
    Monster before = world.add(BRUTE, new Point(560, 400));
    Monster behind = world.add(BRUTE, new Point(430, 400));
    Monster far = world.add(BRUTE, new Point(640, 400));
    player.face(0);
    player.steer(0, 0, true);
    world.tick(Worlds.STEP);
    assertThat(before.health()).isEqualTo(BRUTE.health() - Player.DAMAGE);
    assertThat(behind.health()).isEqualTo(BRUTE.health());
    assertThat(far.health()).isEqualTo(BRUTE.health());
    assertThat(before.x()).as("is knocked back").isGreaterThan(560);
  }

  @Test
  void whoStandsTurnsToTheNearestMonster() {
    World world = Worlds.empty();
    Player player = Worlds.player(world, 500, 400);
    Monster behind = world.add(BRUTE, new Point(440, 400));
    player.face(0);
    player.steer(0, 0, true);
    world.tick(Worlds.STEP);
    assertThat(behind.health()).isEqualTo(BRUTE.health() - Player.DAMAGE);
  }

  @Test
  void whoWalksStrikesForwards() {
    World world = Worlds.empty();
    Player player = Worlds.player(world, 500, 400);
    Monster behind = world.add(BRUTE, new Point(440, 400));
    player.steer(1, 0, true);
    world.tick(Worlds.STEP);
    assertThat(behind.health()).isEqualTo(BRUTE.health());
  }

  @Test
  void aPlayerWaitsBetweenStrokes() {
    World world = Worlds.empty();
    Player player = Worlds.player(world, 500, 400);
    player.steer(0, 0, true);
    int strokes = 0;
    for (int tick = 0; tick < 70; tick++) {
      boolean before = player.striking();
      world.tick(Worlds.STEP);
      strokes += !before && player.striking() ? 1 : 0;
    }
    assertThat(strokes).as("in 3.5 seconds").isBetween(9, 11);
  }

  @Test
  void nobodyStrikesThroughWalls() {
    World world = Worlds.in(new Arena(1000, 800, List.of(new Wall(520, 300, 530, 500))));
    Player player = Worlds.player(world, 500, 400);
    Monster monster = world.add(CRAWLER, new Point(550, 400));
    player.face(0);
    player.steer(0, 0, true);
    world.tick(Worlds.STEP);
    assertThat(player.striking()).isTrue();
    assertThat(monster.health()).isEqualTo(CRAWLER.health());
  }

  @Test
  void aMonsterWithoutHealthIsGoneAndCounts() {
    World world = Worlds.empty();
    Player player = Worlds.player(world, 500, 400);
    world.add(HUNTER, new Point(540, 400));
    player.steer(0, 0, true);
    player.face(0);
    Worlds.passUntil(world, 3, () -> world.monsters().isEmpty());
    assertThat(player.kills()).isEqualTo(1);
  }

  @Test
  void aDeadPlayerComesBackInFullHealthAndShielded() {
    World world = Worlds.empty();
    Player player = Worlds.exposed(world, 500, 400);
    player.hurt(Player.HEALTH + 1);
    assertThat(player.alive()).isFalse();
    assertThat(player.respawnsIn()).isEqualTo(Player.RESPAWN_SECONDS);
    player.steer(1, 0, true);
    world.tick(Worlds.STEP);
    assertThat(player.x()).as("the dead don't walk").isEqualTo(500);
    assertThat(player.striking()).isFalse();
    double seconds = Worlds.passUntil(world, 10, player::alive);
    assertThat(seconds).isCloseTo(Player.RESPAWN_SECONDS, within(0.11));
    assertThat(player.health()).isEqualTo(Player.HEALTH);
    player.hurt(50);
    assertThat(player.health()).isEqualTo(Player.HEALTH);
    Worlds.pass(world, Player.SHIELD_SECONDS + 0.05);
    player.hurt(50);
    assertThat(player.health()).isEqualTo(50);
  }

  @Test
  void healthComesBackAfterARest() {
    World world = Worlds.empty();
    Player player = Worlds.exposed(world, 500, 400);
    player.hurt(50);
    Worlds.pass(world, 3.5);
    assertThat(player.health()).isEqualTo(50);
    Worlds.pass(world, 60);
    assertThat(player.health()).isEqualTo(Player.HEALTH);
  }

  @Test
  void aWishLongerThanOneIsNoFaster() {
    World world = Worlds.empty();
    Player player = Worlds.player(world, 500, 400);
    player.steer(30, 40, false);
    world.tick(Worlds.STEP);
    assertThat(Math.hypot(player.x() - 500, player.y() - 400))
        .isCloseTo(Player.SPEED * 0.05, within(1e-9));
  }

  @Test
  void monstersArriveUntilThereAreEnoughAndAwayFromPlayers() {
    World world = Worlds.in(Arena.standard());
    Player player = Worlds.player(world, 1600, 500);
    world.wantMonsters(10);
    world.tick(Worlds.STEP);
    assertThat(world.monsters().getFirst().distance(player)).isGreaterThan(300);
    Worlds.pass(world, 3);
    assertThat(world.monsters()).hasSize(10);
  }

  @Test
  void peopleBeginNearPeople() {
    for (int trial = 0; trial < 20; trial++) {
      World world = Worlds.in(Arena.standard());
      world.join("bot", true);
      Player first = world.join("Ada", false);
      assertThat(world.join("Bo", false).distance(first)).isLessThan(400);
    }
  }

  @Test
  void monstersDontStandInEachOther() {
    World world = Worlds.empty();
    Worlds.player(world, 500, 400);
    for (int i = 0; i < 6; i++) {
      world.add(CRAWLER, new Point(300, 400));
    }
    Worlds.pass(world, 5);
    for (Monster one : world.monsters()) {
      for (Monster other : world.monsters()) {
        assertThat(one == other || one.gap(other) > -CRAWLER.radius()).isTrue();
      }
    }
  }

  @Test
  void theSameSeedAndCallsMakeTheSameWorld() {
    assertThat(history()).isEqualTo(history());
  }

  private static String history() {
    Random random = new Random(3);
    World world = new World(Arena.standard(), random);
    world.wantMonsters(20);
    Bot bot = new Bot(world.join("bot", true));
    StringBuilder history = new StringBuilder();
    for (int tick = 0; tick < 600; tick++) {
      bot.think(world, random);
      world.tick(Worlds.STEP);
      history.append(bot.player().x()).append(' ').append(bot.player().health()).append('\n');
    }
    return history.toString();
  }

  @Test
  void idsAreUniqueAndFitIn16Bits() {
    World world = Worlds.empty();
    Player first = world.join("first", false);
    Player last = first;
    for (int i = 0; i < 65_535; i++) {
      last = world.join("next", false);
      world.leave(last);
    }
    assertThat(first.id()).isEqualTo(1);
    assertThat(last.id()).as("1 is taken").isEqualTo(2);
  }

  @Test
  void aStepHasALength() {
    World world = Worlds.empty();
    assertThatThrownBy(() -> world.tick(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> world.tick(World.LONGEST_STEP_NANOS + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
