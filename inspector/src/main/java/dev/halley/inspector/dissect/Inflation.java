package dev.halley.inspector.dissect;

import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.MessageInflater;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * Inflates the messages of one direction for display, and survives what can't be inflated: without
 * context takeover the next message is read again, with it nothing is from there on.
 */
final class Inflation {
  private static final int PIECE = 16 << 10;

  /** More of one message isn't worth the time of those who wait for their bytes. */
  private static final long MOST = 256L << 20;

  private final MessageInflater inflater;
  private final boolean contextTakeover;
  private boolean works = true;
  private boolean isEmpty = true;
  private long inflated;

  /** What came of a message, or of a piece of it. */
  enum Outcome {
    FINE,
    /** Here it turns out that it can't be inflated. */
    BROKEN,
    /** No longer tried. */
    GIVEN_UP
  }

  /** Takes inflated bytes, which are its own until it returns. */
  interface Output {
    void inflated(byte[] bytes, int count);
  }

  Inflation(DeflatePool pool, boolean contextTakeover) {
    inflater = new MessageInflater(pool, contextTakeover);
    this.contextTakeover = contextTakeover;
  }

  /** Takes bytes of a message. */
  Outcome feed(byte[] bytes, int count, Output output) {
    if (!works) {
      return Outcome.GIVEN_UP;
    }
    if (count == 0) {
      return Outcome.FINE;
    }
    isEmpty = false;
    return attempt(
        () -> {
          inflater.feed(ByteBuffer.wrap(bytes, 0, count));
          drain(output);
        });
  }

  /** The message is complete. */
  Outcome end(Output output) {
    Outcome outcome = Outcome.GIVEN_UP;
    if (works && isEmpty) {
      // Even a message without content isn't empty when it is compressed (section 7.2.3.6).
      outcome = Outcome.BROKEN;
    } else if (works) {
      outcome =
          attempt(
              () -> {
                inflater.feedTail();
                drain(output);
                inflater.endOfMessage();
              });
    }
    nextMessage();
    return outcome;
  }

  /** The message will not be completed. */
  void abandon() {
    inflater.release();
    works = false;
    nextMessage();
  }

  void release() {
    inflater.release();
  }

  private void nextMessage() {
    isEmpty = true;
    inflated = 0;
    works |= !contextTakeover;
  }

  private interface Step {
    void run() throws DataFormatException;
  }

  private Outcome attempt(Step step) {
    try {
      step.run();
      return works ? Outcome.FINE : Outcome.GIVEN_UP;
    } catch (DataFormatException e) {
      works = false;
      inflater.release();
      return Outcome.BROKEN;
    }
  }

  private void drain(Output output) throws DataFormatException {
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    while (works && inflater.inflate(piece)) {
      output.inflated(piece.array(), piece.position());
      inflated += piece.position();
      piece.clear();
      works = inflated <= MOST;
    }
    if (!works) {
      inflater.release();
    }
  }
}
