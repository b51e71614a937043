package dev.halley.showcase.game;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What players are told of the world after each step, as bytes; numbers are unsigned and have their
 * high byte first.
 *
 * <p>The arena is divided into square cells of {@value #CELL} units, numbered row by row. All of a
 * step is encoded once, cell after cell; the frame for one player is a head of its own and, copied
 * from that, the cells at most {@value #CELLS_SEEN} away from the player's; at the border a few
 * more, so that it is always a square of 25. So a frame costs a few copies, however many there are,
 * and says nothing of what is far away. Each frame stands for itself: one that isn't sent, because
 * a connection is slow, is made good by the next.
 *
 * <pre>
 * head   1 byte   1, a state
 *        4 bytes  the number of the step
 *        4 bytes  when it was sent: milliseconds since 1970, the lowest 32 bits
 *        1 byte   the player's health, 0 to 100; 0 is dead
 *        1 byte   tenths of a second until the player comes back, 0 while alive
 *        2 bytes  how many monsters the player has killed
 *        2 bytes  how long the step before took, in microseconds, 65535 for more
 * cell   1 byte   its number                         (no cell that is empty, no dead)
 *        2 bytes  how many are in it, then for each:
 *   2 bytes       its id
 *   3 bytes       12 bits x and 12 bits y within the cell, in 4096ths of it
 *   1 byte        where it looks, in 256ths of a turn
 *   1 byte        bits 0-1 what it is (0 player, 1 crawler, 2 hunter, 3 brute), bit 2 strikes,
 *                 bit 3 draws back (a monster) or can't be hurt (a player), bit 4 was just hurt,
 *                 bits 5-7 health in eighths, rounded up, less one
 * </pre>
 *
 * Belongs to the thread that ticks the world.
 */
final class StateEncoder {
  /** The side of a cell, in units. */
  static final int CELL = 320;

  /** How many cells one sees beyond one's own, in each direction. */
  static final int CELLS_SEEN = 2;

  /** How many cells one sees across; at the border, where there is nothing beyond, as many. */
  private static final int CELLS_ACROSS = 2 * CELLS_SEEN + 1;

  static final byte KIND = 1;
  static final int HEAD_BYTES = 15;

  private static final int CELL_HEAD_BYTES = 3;
  private static final int CREATURE_BYTES = 7;
  private static final int MOST_CELLS = 256;
  private static final int FINEST = 4096;

  private static final int STRIKES = 1 << 2;
  private static final int READIES = 1 << 3;
  private static final int FLINCHES = 1 << 4;
  private static final int HEALTH_SHIFT = 5;

  private final int columns;
  private final int rows;

  /** How many creatures each cell has. */
  private final int[] counts;

  /** Where each cell begins in {@link #cells}, and after the last where that ends. */
  private final int[] starts;

  /** Where the next creature of each cell is written. */
  private final int[] ends;

  private ByteBuffer cells = ByteBuffer.allocate(0);
  private long step;

  StateEncoder(Arena arena) {
    columns = Math.ceilDiv(arena.width(), CELL);
    rows = Math.ceilDiv(arena.height(), CELL);
    if (columns * rows > MOST_CELLS) {
      throw new IllegalArgumentException("An arena has at most 256 cells.");
    }
    counts = new int[columns * rows];
    ends = new int[columns * rows];
    starts = new int[columns * rows + 1];
  }

  /** Encodes all that lives in a world, as it is now. */
  void encode(World world) {
    step = world.ticks();
    Arrays.fill(counts, 0);
    count(world.players());
    count(world.monsters());
    layOut();
    write(world.players());
    write(world.monsters());
  }

  /**
   * Puts together what one player sees of the world that was last encoded.
   *
   * @param player who will get it
   * @param millis the time
   * @param stepMicros how long the step before took
   * @return a buffer of its own
   */
  ByteBuffer frame(Player player, long millis, long stepMicros) {
    int left = first(column(player.x()), columns);
    int right = Math.min(left + CELLS_ACROSS, columns) - 1;
    int top = first(row(player.y()), rows);
    int bottom = Math.min(top + CELLS_ACROSS, rows) - 1;
    int length = HEAD_BYTES;
    for (int y = top; y <= bottom; y++) {
      length += starts[y * columns + right + 1] - starts[y * columns + left];
    }
    ByteBuffer frame = ByteBuffer.allocate(length);
    frame.put(KIND).putInt((int) step).putInt((int) millis);
    frame.put((byte) Math.ceil(player.health()));
    frame.put((byte) Math.ceil(player.respawnsIn() * 10));
    frame.putShort((short) Math.min(player.kills(), 0xffff));
    frame.putShort((short) Math.min(stepMicros, 0xffff));
    for (int y = top; y <= bottom; y++) {
      int from = starts[y * columns + left];
      frame.put(cells.array(), from, starts[y * columns + right + 1] - from);
    }
    return frame.flip();
  }

  /** The first of the cells that are seen from one, in a row or column of so many. */
  private static int first(int own, int cells) {
    return Math.clamp(own - CELLS_SEEN, 0, Math.max(0, cells - CELLS_ACROSS));
  }

  private void count(List<? extends Creature> creatures) {
    for (Creature creature : creatures) {
      if (creature.alive()) {
        counts[cell(creature)]++;
      }
    }
  }

  private void layOut() {
    int at = 0;
    for (int cell = 0; cell < counts.length; cell++) {
      starts[cell] = at;
      if (counts[cell] > 0) {
        at += CELL_HEAD_BYTES + counts[cell] * CREATURE_BYTES;
      }
    }
    starts[counts.length] = at;
    if (cells.capacity() < at) {
      cells = ByteBuffer.allocate(at * 2);
    }
    for (int cell = 0; cell < counts.length; cell++) {
      if (counts[cell] > 0) {
        cells.put(starts[cell], (byte) cell).putShort(starts[cell] + 1, (short) counts[cell]);
        ends[cell] = starts[cell] + CELL_HEAD_BYTES;
      }
    }
  }

  private void write(List<? extends Creature> creatures) {
    for (Creature creature : creatures) {
      if (creature.alive()) {
        int cell = cell(creature);
        write(creature, ends[cell]);
        ends[cell] += CREATURE_BYTES;
      }
    }
  }

  private void write(Creature creature, int at) {
    int place = fine(creature.x()) << 12 | fine(creature.y());
    int look = (int) Math.round(creature.facing() / (2 * Math.PI) * 256);
    cells.putShort(at, (short) creature.id());
    cells.put(at + 2, (byte) (place >> 16)).put(at + 3, (byte) (place >> 8));
    cells.put(at + 4, (byte) place).put(at + 5, (byte) look).put(at + 6, (byte) looks(creature));
  }

  private static int looks(Creature creature) {
    int bits =
        switch (creature) {
          case Player player -> player.shielded() ? READIES : 0;
          case Monster monster -> monster.kind().code() | (monster.windingUp() ? READIES : 0);
        };
    int eighths = (int) Math.ceil(creature.health() / creature.fullHealth() * 8) - 1;
    return bits
        | (creature.striking() ? STRIKES : 0)
        | (creature.flinching() ? FLINCHES : 0)
        | eighths << HEALTH_SHIFT;
  }

  private static int fine(double coordinate) {
    double within = coordinate - Math.floor(coordinate / CELL) * CELL;
    return Math.min(FINEST - 1, (int) (within * FINEST / CELL));
  }

  private int cell(Creature creature) {
    return row(creature.y()) * columns + column(creature.x());
  }

  private int column(double x) {
    return Math.clamp((int) (x / CELL), 0, columns - 1);
  }

  private int row(double y) {
    return Math.clamp((int) (y / CELL), 0, rows - 1);
  }
}
