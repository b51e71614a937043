package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses what one connection sends (RFC 7692 section 7.2.1).
 *
 * <p>A smaller window than zlib's is kept to by a full flush, which forgets all history, whenever
 * so many bytes have been compressed.
 */
final class MessageDeflater {
  /** An empty stored block: what a flush ends with, and what a message's end is sent without. */
  private static final int TAIL_LENGTH = 4;

  private final DeflatePool pool;
  private final boolean keepsContext;
  private final int windowBits;
  private final int window;
  private final int flush;
  private @Nullable Deflater deflater;

  MessageDeflater(DeflatePool pool, boolean contextTakeover, int windowBits) {
    this.pool = pool;
    this.windowBits = windowBits;
    boolean restricted = windowBits < DeflateParameters.MAX_WINDOW_BITS;
    keepsContext = contextTakeover && !restricted;
    window = restricted ? 1 << windowBits : Integer.MAX_VALUE;
    flush = restricted ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH;
  }

  /** What compresses parts of a message, between which others may be compressed by this. */
  MessageDeflater forParts() {
    return keepsContext ? this : new MessageDeflater(pool, false, windowBits);
  }

  /** The most that a part of a message becomes; a whole message is never made larger. */
  static int mostForPart(int length) {
    return Math.addExact(length, (length >>> 3) + (length >>> 6) + 64);
  }

  /**
   * Compresses a whole message.
   *
   * @param out written from {@code at} on, where at least as many bytes are free as the message has
   * @return how many bytes it became, or -1 if it didn't become smaller: then it is to be sent as
   *     it is
   */
  int message(ByteBuffer payload, ByteBuffer out, int at) {
    Deflater working = working();
    ByteBuffer target = out.slice(at, payload.remaining());
    compress(working, payload.duplicate(), target);
    if (target.hasRemaining()) {
      endOfMessage(working);
      return target.position() - TAIL_LENGTH;
    }
    // The peer doesn't see what is sent uncompressed, so nothing may refer to it later.
    working.reset();
    endOfMessage(working);
    return -1;
  }

  /**
   * Compresses a part of a message.
   *
   * @param out written from {@code at} on, where {@link #mostForPart} bytes are free
   * @param last whether it is the message's last part
   * @return how many bytes it became
   */
  int part(ByteBuffer payload, boolean last, ByteBuffer out, int at) {
    Deflater working = working();
    int length = payload.remaining();
    ByteBuffer target = out.slice(at, mostForPart(length));
    compress(working, payload.duplicate(), target);
    if (!last) {
      return target.position();
    }
    endOfMessage(working);
    if (length == 0) {
      // The begin of an empty stored block, whose rest the peer appends (section 7.2.3.6).
      out.put(at, (byte) 0);
      return 1;
    }
    return target.position() - TAIL_LENGTH;
  }

  /** Gives up what is held; between messages, that is nothing without context takeover. */
  void release() {
    if (deflater != null) {
      deflater.end();
      deflater = null;
    }
  }

  private void compress(Deflater working, ByteBuffer payload, ByteBuffer target) {
    while (payload.hasRemaining()) {
      int length = Math.min(window, payload.remaining());
      working.setInput(payload.slice(payload.position(), length));
      working.deflate(target, flush);
      payload.position(payload.position() + length);
    }
  }

  private Deflater working() {
    if (deflater == null) {
      deflater = pool.takeDeflater();
    }
    return deflater;
  }

  private void endOfMessage(Deflater working) {
    if (!keepsContext) {
      deflater = null;
      pool.give(working);
    }
  }
}
