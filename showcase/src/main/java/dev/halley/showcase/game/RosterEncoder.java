package dev.halley.showcase.game;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The two frames beside the states, of which {@link StateEncoder} tells; numbers are unsigned and
 * have their high byte first.
 *
 * <pre>
 * welcome   1 byte   0
 *           2 bytes  the id of the player who is welcomed
 *           1 byte   milliseconds from one step to the next
 *           2 bytes  the side of a cell, in units
 *           4 bytes  the arena's width and height
 *           then for each wall 8 bytes: left, top, right, bottom
 *
 * roster    1 byte   2
 *           then for each player:
 *   2 bytes          id
 *   2 bytes          how many monsters they have killed
 *   1 byte           1 for a bot, 0 for a person
 *   1 byte           how many bytes the name has, then the name in UTF-8
 * </pre>
 *
 * A roster is the whole roster, so that only the newest has to arrive.
 */
final class RosterEncoder {
  static final byte WELCOME = 0;
  static final byte ROSTER = 2;

  private static final int WELCOME_BYTES = 10;
  private static final int WALL_BYTES = 8;
  private static final int PLAYER_BYTES = 6;

  private RosterEncoder() {}

  /** What a player has to know once. */
  static ByteBuffer welcome(Player player, Arena arena, int stepMillis) {
    ByteBuffer frame = ByteBuffer.allocate(WELCOME_BYTES + arena.walls().size() * WALL_BYTES);
    frame.put(WELCOME).putShort((short) player.id()).put((byte) stepMillis);
    frame.putShort((short) StateEncoder.CELL);
    frame.putShort((short) arena.width()).putShort((short) arena.height());
    for (Wall wall : arena.walls()) {
      frame.putShort((short) wall.left()).putShort((short) wall.top());
      frame.putShort((short) wall.right()).putShort((short) wall.bottom());
    }
    return frame.flip();
  }

  /** Who plays. */
  static ByteBuffer roster(List<Player> players) {
    List<byte[]> names = new ArrayList<>();
    int length = 1;
    for (Player player : players) {
      byte[] name = player.name().getBytes(UTF_8);
      names.add(name);
      length += PLAYER_BYTES + name.length;
    }
    ByteBuffer frame = ByteBuffer.allocate(length).put(ROSTER);
    for (int i = 0; i < players.size(); i++) {
      Player player = players.get(i);
      frame.putShort((short) player.id());
      frame.putShort((short) Math.min(player.kills(), 0xffff));
      frame.put((byte) (player.bot() ? 1 : 0)).put((byte) names.get(i).length).put(names.get(i));
    }
    return frame.flip();
  }
}
