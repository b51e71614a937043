package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates what a connection receives (RFC 7692 section 7.2.2), message after message: whole ones
 * by {@link #message}; or in parts, by {@link #feed} and {@link #inflate} until nothing comes,
 * again and again, then {@link #feedTail} and {@link #inflate} until nothing comes, then {@link
 * #endOfMessage}. In parts nothing bounds what a message becomes but the caller.
 *
 * <p>What a peer compresses after a block with BFINAL set can't refer to what was before it.
 */
public final class MessageInflater {
  private static final int SMALLEST_OUTPUT = 256;
  private static final int USUAL_RATIO = 4;

  /** So much is needed for a moment by one message at a time, and nobody is asked for it. */
  private static final int UNASKED = 64 << 10;

  /** What the sender leaves out at a message's end. */
  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

  private final DeflatePool pool;
  private final boolean keepsContext;
  private @Nullable Inflater inflater;
  private boolean lacksMemory;
  private ByteBuffer input = Receiver.NO_BUFFER;

  /**
   * For one direction of a connection, at its begin.
   *
   * @param pool whence inflaters come; of the thread that uses this
   * @param contextTakeover whether messages may refer to those before them
   */
  public MessageInflater(DeflatePool pool, boolean contextTakeover) {
    this.pool = pool;
    keepsContext = contextTakeover;
  }

  /**
   * Inflates a whole message.
   *
   * @param most how many bytes it may become; no more are ever allocated
   * @param memory is asked before more than {@link #UNASKED} bytes are allocated
   * @param kept what is held besides
   * @return the message, from 0 to the position; empty if it would be larger, or if it is {@link
   *     #lacksMemory}
   * @throws DataFormatException if it isn't what a deflater writes
   */
  Optional<ByteBuffer> message(ByteBuffer compressed, int most, MessageMemory memory, int kept)
      throws DataFormatException {
    if (!compressed.hasRemaining()) {
      throw empty();
    }
    lacksMemory = false;
    long roomy = Math.max(SMALLEST_OUTPUT, (long) USUAL_RATIO * compressed.remaining());
    ByteBuffer output = Receiver.NO_BUFFER;
    int capacity = (int) Math.min(roomy, most);
    feed(compressed);
    boolean tailIsFed = false;
    while (true) {
      if (!output.hasRemaining() && output.capacity() < most) {
        if (!mayGrow(memory, (long) kept + output.capacity() + capacity, capacity)) {
          return Optional.empty();
        }
        output = ByteBuffer.allocate(capacity).put(output.flip());
        capacity = (int) Math.min(2L * capacity, most);
      }
      if (!output.hasRemaining()) {
        if (inflate(ByteBuffer.allocate(1))) {
          return Optional.empty();
        }
      } else if (inflate(output)) {
        continue;
      }
      if (tailIsFed) {
        endOfMessage();
        return Optional.of(output);
      }
      feedTail();
      tailIsFed = true;
    }
  }

  private boolean mayGrow(MessageMemory memory, long held, int capacity) {
    lacksMemory = capacity > UNASKED && !memory.mayHold(held);
    return !lacksMemory;
  }

  /** Whether the last message wasn't inflated because there was no memory for it. */
  boolean lacksMemory() {
    return lacksMemory;
  }

  /** Even a message without content is not empty when it is compressed (section 7.2.3.6). */
  static DataFormatException empty() {
    return new DataFormatException("Nothing to inflate");
  }

  /** Takes compressed bytes, which must stay as they are until they are inflated. */
  public void feed(ByteBuffer compressed) {
    input = compressed;
    working().setInput(compressed);
  }

  /** Takes what the sender left out. */
  public void feedTail() {
    feed(ByteBuffer.wrap(TAIL));
  }

  /**
   * Inflates into a buffer that has room, and moves its position.
   *
   * @return whether anything was inflated; if not, it takes more input
   * @throws DataFormatException if it isn't what a deflater writes
   */
  public boolean inflate(ByteBuffer out) throws DataFormatException {
    Inflater working = working();
    int inflated = working.inflate(out);
    while (inflated == 0 && working.finished() && input.hasRemaining()) {
      // A block with BFINAL set may be followed by others (section 7.2.3.4).
      working.reset();
      working.setInput(input);
      inflated = working.inflate(out);
    }
    return inflated > 0;
  }

  /** The message is complete. */
  public void endOfMessage() {
    input = Receiver.NO_BUFFER;
    if (!keepsContext) {
      pool.give(working());
      inflater = null;
    }
  }

  /** Gives up what is held; between messages, that is nothing without context takeover. */
  public void release() {
    input = Receiver.NO_BUFFER;
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }

  private Inflater working() {
    if (inflater == null) {
      inflater = pool.takeInflater();
    }
    return inflater;
  }
}
