package dev.halley.inspector.dissect;

/** Finds the end of a gzip member's header (RFC 1952 section 2.3), byte by byte. */
final class GzipHeader {
  private static final int FIXED = 10;
  private static final int CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int[] MAGIC = {0x1f, 0x8b, 8};

  /** What a byte turned out to be. */
  enum Found {
    MORE_TO_COME,
    LAST_BYTE,
    NO_HEADER
  }

  private int size;

  /** Optional fields that are still to come. */
  private int flags;

  /** Bytes of an optional field: those of an extra field are known after its first two. */
  private int fieldSize;

  private int extra;

  /** Whether no byte was taken yet. */
  boolean isEmpty() {
    return size == 0;
  }

  Found take(byte value) {
    int at = size++;
    if (at < MAGIC.length) {
      return (value & 0xff) == MAGIC[at] ? Found.MORE_TO_COME : Found.NO_HEADER;
    }
    if (at == MAGIC.length) {
      flags = value & (CHECKSUM | EXTRA | NAME | COMMENT);
    } else if (at >= FIXED) {
      field(value);
    }
    return size >= FIXED && flags == 0 ? Found.LAST_BYTE : Found.MORE_TO_COME;
  }

  /** They come in this order. */
  private void field(byte value) {
    int at = fieldSize++;
    if ((flags & EXTRA) != 0) {
      if (at < 2) {
        extra |= (value & 0xff) << (8 * at);
      }
      endFieldIf(at >= 1 && at == extra + 1, EXTRA);
    } else if ((flags & NAME) != 0) {
      endFieldIf(value == 0, NAME);
    } else if ((flags & COMMENT) != 0) {
      endFieldIf(value == 0, COMMENT);
    } else {
      endFieldIf(at == 1, CHECKSUM);
    }
  }

  private void endFieldIf(boolean ended, int flag) {
    if (ended) {
      flags &= ~flag;
      fieldSize = 0;
    }
  }
}
