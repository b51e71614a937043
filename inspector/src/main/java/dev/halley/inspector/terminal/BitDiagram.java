package dev.halley.inspector.terminal;

import dev.halley.inspector.FrameBits;
import dev.halley.inspector.Names;
import dev.halley.inspector.TapEvent;
import java.util.ArrayList;
import java.util.List;

/** A frame's header in the form of RFC 6455 section 5.2, 32 bits a row, with its own bits in it. */
final class BitDiagram {
  private static final int ROW = 32;

  private BitDiagram() {}

  /** A field: its name, and its value in so many bits. */
  private record Field(String name, long value, int bits) {}

  /** The diagram, line by line. */
  static List<String> of(TapEvent.Frame frame) {
    List<String> lines = new ArrayList<>();
    List<Field> row = new ArrayList<>();
    int filled = 0;
    for (Field field : fields(frame)) {
      int left = field.bits();
      while (left > 0) {
        int taken = Math.min(left, ROW - filled);
        left -= taken;
        long value = field.value() >>> left & ((1L << taken) - 1);
        row.add(new Field(field.name(), value, taken));
        filled += taken;
        if (filled == ROW) {
          lines.addAll(row(row));
          row.clear();
          filled = 0;
        }
      }
    }
    if (!row.isEmpty()) {
      lines.addAll(row(row));
    }
    lines.add(lines.get(lines.size() - 3));
    return lines;
  }

  private static List<Field> fields(TapEvent.Frame frame) {
    FrameBits bits = frame.bits();
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("F", bits.first() >>> 7, 1));
    fields.add(new Field("1", bits.first() >>> 6 & 1, 1));
    fields.add(new Field("2", bits.first() >>> 5 & 1, 1));
    fields.add(new Field("3", bits.first() >>> 4 & 1, 1));
    fields.add(new Field(Names.opcode(bits.opcode()), bits.opcode(), 4));
    fields.add(new Field("M", bits.second() >>> 7, 1));
    fields.add(new Field("length", bits.second() & 0x7f, 7));
    switch (bits.form()) {
      case BITS_7 -> {}
      case BITS_16 -> fields.add(new Field("length " + bits.length(), bits.length(), 16));
      case BITS_64 -> fields.add(new Field("length " + bits.length(), bits.length(), 64));
    }
    if (bits.masked()) {
      fields.add(new Field("masking key", bits.key() & 0xffff_ffffL, 32));
    }
    return fields;
  }

  private static List<String> row(List<Field> fields) {
    StringBuilder border = new StringBuilder("+");
    StringBuilder bits = new StringBuilder("|");
    StringBuilder names = new StringBuilder("|");
    for (Field field : fields) {
      int width = 2 * field.bits() - 1;
      border.append("-".repeat(width)).append('+');
      for (int bit = field.bits() - 1; bit >= 0; bit--) {
        bits.append(field.value() >>> bit & 1).append(bit == 0 ? '|' : ' ');
      }
      names.append(centred(field.name(), width)).append('|');
    }
    return List.of(border.toString(), bits.toString(), names.toString());
  }

  private static String centred(String name, int width) {
    String fitting = name.length() > width ? name.substring(0, width) : name;
    int before = (width - fitting.length()) / 2;
    return " ".repeat(before) + fitting + " ".repeat(width - fitting.length() - before);
  }
}
