package dev.halley.showcase.game;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateEncoderTest {
  private final World world = Worlds.in(Arena.standard());
  private final StateEncoder encoder = new StateEncoder(world.arena());

  private SeenState seen(Player player) {
    encoder.encode(world);
    return SeenState.of(encoder.frame(player, 1_700_000_000_123L, 250));
  }

  @Test
  void theHeadTellsThePlayersOwnState() {
    Player player = Worlds.exposed(world, 1600, 500);
    player.hurt(99.5);
    player.killed();
    SeenState seen = seen(player);
    assertThat(seen.step()).isEqualTo(world.ticks());
    assertThat(seen.millis()).isEqualTo(1_700_000_000_123L & 0xffff_ffffL);
    assertThat(seen.health()).as("0 is for the dead").isEqualTo(1);
    assertThat(seen.respawnTenths()).isZero();
    assertThat(seen.kills()).isEqualTo(1);
    assertThat(seen.stepMicros()).isEqualTo(250);
    player.hurt(1);
    assertThat(seen(player).health()).isZero();
    assertThat(seen(player).respawnTenths()).isEqualTo(30);
  }

  @Test
  void placesAreExactToATenthOfAUnit() {
    Player player = Worlds.player(world, 1600, 500);
    for (double x = 1300; x < 1900; x += 17.3) {
      world.add(MonsterKind.HUNTER, new Point(x, 700 + x / 10));
    }
    SeenState seen = seen(player);
    for (Monster monster : world.monsters()) {
      SeenState.Creature creature = seen.creature(monster.id());
      assertThat(creature.x()).isCloseTo(monster.x(), within(0.1));
      assertThat(creature.y()).isCloseTo(monster.y(), within(0.1));
      assertThat(creature.what()).isEqualTo(2);
      assertThat(creature.eighths()).isEqualTo(7);
    }
  }

  @Test
  void oneSeesTwoCellsAroundAndNoFurther() {
    Player player = Worlds.player(world, 1600, 700);
    Monster left = world.add(MonsterKind.HUNTER, new Point(961, 321));
    Monster tooFarLeft = world.add(MonsterKind.HUNTER, new Point(959, 321));
    Monster below = world.add(MonsterKind.HUNTER, new Point(1601, 1599));
    Monster tooFarBelow = world.add(MonsterKind.HUNTER, new Point(1601, 1601));
    assertThat(seen(player).creatures())
        .containsKeys(player.id(), left.id(), below.id())
        .doesNotContainKeys(tooFarLeft.id(), tooFarBelow.id());
  }

  @Test
  void fromTheBorderOneSeesAsManyCells() {
    Player topLeft = Worlds.player(world, 16, 16);
    Player bottomRight = Worlds.player(world, 3184, 1904);
    Monster left = world.add(MonsterKind.HUNTER, new Point(1570, 300));
    Monster right = world.add(MonsterKind.HUNTER, new Point(1630, 1580));
    assertThat(seen(topLeft).creatures()).containsOnlyKeys(topLeft.id(), left.id());
    assertThat(seen(bottomRight).creatures()).containsOnlyKeys(bottomRight.id(), right.id());
  }

  @Test
  void theDeadAreNotSeen() {
    Player player = Worlds.exposed(world, 1600, 500);
    Player dead = Worlds.exposed(world, 1650, 500);
    dead.hurt(Player.HEALTH);
    assertThat(seen(player).creatures()).containsOnlyKeys(player.id());
  }

  @Test
  void looksTellWhatACreatureDoes() {
    Player player = Worlds.player(world, 1600, 500);
    assertThat(seen(player).creature(player.id()).readies()).as("shielded").isTrue();
    Worlds.pass(world, Player.SHIELD_SECONDS + 0.05);
    assertThat(seen(player).creature(player.id()).readies()).isFalse();
    player.face(Math.PI / 2);
    player.steer(0, 0, true);
    world.tick(Worlds.STEP);
    player.hurt(50);
    SeenState.Creature creature = seen(player).creature(player.id());
    assertThat(creature.look()).isEqualTo(64);
    assertThat(creature.strikes()).isTrue();
    assertThat(creature.flinches()).isTrue();
    assertThat(creature.eighths()).isEqualTo(3);
  }

  @Test
  void aCellWithMoreThan255CreaturesIsWhole() {
    Player player = Worlds.player(world, 1000, 1100);
    for (int i = 0; i < 400; i++) {
      world.add(MonsterKind.CRAWLER, new Point(1100, 1200));
    }
    assertThat(seen(player).creatures()).hasSize(401);
  }

  @Test
  void theWelcomeTellsTheArena() {
    Arena arena = new Arena(1000, 800, List.of(new Wall(1, 2, 300, 400)));
    Player player = Worlds.player(Worlds.in(arena), 500, 500);
    ByteBuffer frame = RosterEncoder.welcome(player, arena, 50);
    assertThat(frame)
        .isEqualTo(
            ByteBuffer.wrap(
                new byte[] {
                  0, 0, 1, 50, 1, 64, 3, (byte) 0xe8, 3, 32, 0, 1, 0, 2, 1, 44, 1, (byte) 0x90
                }));
  }

  @Test
  void theRosterTellsNamesAndKills() {
    World field = Worlds.empty();
    field.join("Zoë", false);
    field.join("B", true).killed();
    assertThat(RosterEncoder.roster(field.players()))
        .isEqualTo(
            ByteBuffer.wrap(
                new byte[] {
                  2, 0, 1, 0, 0, 0, 4, 'Z', 'o', (byte) 0xc3, (byte) 0xab, 0, 2, 0, 1, 1, 1, 'B'
                }));
  }
}
