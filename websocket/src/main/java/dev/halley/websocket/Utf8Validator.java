package dev.halley.websocket;

import java.nio.ByteBuffer;

/**
 * Tells UTF-8 from what isn't (RFC 3629), piece by piece, and at the first bad byte.
 *
 * <p>A finite automaton whose state is a shift distance: for each byte value there is one long, and
 * in it stands, at the distance of each state, the distance of the state that follows. So a step is
 * a load that doesn't depend on the step before, and one shift. Words of plain ASCII are skipped.
 */
public final class Utf8Validator {
  /** Between two characters: where a text begins, and where it may end. */
  public static final int COMPLETE = 0;

  /** Some byte was bad; no byte leads out of this state. */
  public static final int BROKEN = 6;

  // What the next byte has to be, and how many follow it. E0, ED, F0 and F4 restrict the byte
  // after them: no overlong forms, no surrogates, nothing above U+10FFFF.
  private static final int LAST = 12;
  private static final int LAST_BUT_ONE = 18;
  private static final int LAST_BUT_TWO = 24;
  private static final int AFTER_E0 = 30;
  private static final int AFTER_ED = 36;
  private static final int AFTER_F0 = 42;
  private static final int AFTER_F4 = 48;

  private static final int STATE_BITS = 6;
  private static final int STATE_MASK = (1 << STATE_BITS) - 1;

  private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

  private static final long[] STEPS = steps();

  private Utf8Validator() {}

  /** Whether the remaining bytes of {@code text} are whole UTF-8; its position doesn't move. */
  public static boolean isValid(ByteBuffer text) {
    return advance(COMPLETE, text, text.position(), text.limit()) == COMPLETE;
  }

  /**
   * Goes on from a state through the bytes from {@code from} to before {@code to}: for a text that
   * comes in pieces, cut within characters or not.
   *
   * @param state {@link #COMPLETE} at the text's begin, then what was returned for the piece before
   * @return the state after them: {@link #COMPLETE}, {@link #BROKEN}, or within a character
   */
  public static int advance(int state, ByteBuffer buffer, int from, int to) {
    long current = state;
    int at = from;
    for (int lastWord = to - Long.BYTES; at <= lastWord; at += Long.BYTES) {
      if (((buffer.getLong(at) & NOT_ASCII) | current) != COMPLETE) {
        current = eightSteps(current, BigEndian.getLong(buffer, at));
      }
    }
    for (; at < to; at++) {
      current = step(current, buffer.get(at) & 0xff);
    }
    return (int) current & STATE_MASK;
  }

  private static long eightSteps(long state, long bytes) {
    long current = step(state, (int) (bytes >>> 56));
    current = step(current, (int) (bytes >>> 48) & 0xff);
    current = step(current, (int) (bytes >>> 40) & 0xff);
    current = step(current, (int) (bytes >>> 32) & 0xff);
    current = step(current, (int) (bytes >>> 24) & 0xff);
    current = step(current, (int) (bytes >>> 16) & 0xff);
    current = step(current, (int) (bytes >>> 8) & 0xff);
    return step(current, (int) bytes & 0xff) & STATE_MASK;
  }

  /** The bits above the state's own are left as they are: a shift looks at the lowest six only. */
  private static long step(long state, int value) {
    return STEPS[value] >>> state;
  }

  private static long[] steps() {
    long[] steps = new long[256];
    for (int value = 0; value < steps.length; value++) {
      for (int state = COMPLETE; state <= AFTER_F4; state += STATE_BITS) {
        steps[value] |= (long) next(state, value) << state;
      }
    }
    return steps;
  }

  /** RFC 3629 section 4. */
  private static int next(int state, int value) {
    return switch (state) {
      case COMPLETE -> afterLead(value);
      case LAST -> between(0x80, value, 0xbf, COMPLETE);
      case LAST_BUT_ONE -> between(0x80, value, 0xbf, LAST);
      case LAST_BUT_TWO -> between(0x80, value, 0xbf, LAST_BUT_ONE);
      case AFTER_E0 -> between(0xa0, value, 0xbf, LAST);
      case AFTER_ED -> between(0x80, value, 0x9f, LAST);
      case AFTER_F0 -> between(0x90, value, 0xbf, LAST_BUT_ONE);
      case AFTER_F4 -> between(0x80, value, 0x8f, LAST_BUT_ONE);
      default -> BROKEN;
    };
  }

  private static int afterLead(int value) {
    if (value < 0x80) {
      return COMPLETE;
    }
    return switch (value) {
      case 0xe0 -> AFTER_E0;
      case 0xed -> AFTER_ED;
      case 0xf0 -> AFTER_F0;
      case 0xf4 -> AFTER_F4;
      default -> {
        if (value < 0xe0) {
          yield between(0xc2, value, 0xdf, LAST);
        }
        yield value < 0xf0 ? LAST_BUT_ONE : between(0xf1, value, 0xf3, LAST_BUT_TWO);
      }
    };
  }

  private static int between(int low, int value, int high, int then) {
    return value >= low && value <= high ? then : BROKEN;
  }
}
