package dev.halley.showcase.game;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** A state frame as a client reads it, written after the description of the frame. */
record SeenState(
    long step,
    long millis,
    int health,
    int respawnTenths,
    int kills,
    int stepMicros,
    Map<Integer, Creature> creatures) {
  private static final int COLUMNS = 10;

  record Creature(int what, double x, double y, int look, int bits) {
    boolean strikes() {
      return (bits & 4) != 0;
    }

    boolean readies() {
      return (bits & 8) != 0;
    }

    boolean flinches() {
      return (bits & 16) != 0;
    }

    int eighths() {
      return bits >> 5;
    }
  }

  /** The creature with an id, which has to be seen. */
  Creature creature(int id) {
    Creature creature = creatures.get(id);
    if (creature == null) {
      throw new AssertionError("not seen: " + id);
    }
    return creature;
  }

  static SeenState of(ByteBuffer frame) {
    if (frame.get() != 1) {
      throw new AssertionError("no state");
    }
    long step = frame.getInt() & 0xffff_ffffL;
    long millis = frame.getInt() & 0xffff_ffffL;
    int health = frame.get() & 0xff;
    int respawn = frame.get() & 0xff;
    int kills = frame.getShort() & 0xffff;
    int micros = frame.getShort() & 0xffff;
    Map<Integer, Creature> creatures = new HashMap<>();
    while (frame.hasRemaining()) {
      int cell = frame.get() & 0xff;
      int column = cell % COLUMNS;
      int row = cell / COLUMNS;
      for (int left = frame.getShort() & 0xffff; left > 0; left--) {
        int id = frame.getShort() & 0xffff;
        int place = (frame.get() & 0xff) << 16 | (frame.getShort() & 0xffff);
        double x = (column + (place >> 12) / 4096.0) * StateEncoder.CELL;
        double y = (row + (place & 0xfff) / 4096.0) * StateEncoder.CELL;
        int look = frame.get() & 0xff;
        int bits = frame.get() & 0xff;
        creatures.put(id, new Creature(bits & 3, x, y, look, bits));
      }
    }
    return new SeenState(step, millis, health, respawn, kills, micros, creatures);
  }
}
