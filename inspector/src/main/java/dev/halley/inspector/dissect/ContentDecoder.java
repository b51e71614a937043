package dev.halley.inspector.dissect;

import dev.halley.inspector.TapEvent.CodingOutcome;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Undoes the content coding of one body, as it comes and no matter how it is cut: gzip and deflate
 * (RFC 9110 section 8.4.1). Checksums are not looked at.
 */
final class ContentDecoder implements AutoCloseable {
  private static final int PIECE = 16 << 10;
  private static final int GZIP_TRAILER = 8;

  /** More of one body isn't worth the time of those who wait for their bytes. */
  static final long MOST = 256L << 20;

  private enum State {
    GZIP_HEADER,
    /** Two bytes say whether the zlib format is there, or was forgotten, as some servers do. */
    ZLIB_HEADER,
    DATA,
    GZIP_TRAILER,
    ENDED,
    BROKEN,
    TOO_LARGE
  }

  private final boolean isGzip;
  private final Output output;
  private final byte[] piece = new byte[PIECE];
  private final byte[] zlibHeader = new byte[2];
  private State state;
  private GzipHeader gzipHeader = new GzipHeader();
  private @Nullable Inflater inflater;
  private int headerSize;
  private int trailerSize;
  private long decoded;

  /** Takes decoded bytes, which are its own until it returns. */
  interface Output {
    void decoded(byte[] bytes, int count);
  }

  private ContentDecoder(boolean isGzip, Output output) {
    this.isGzip = isGzip;
    this.output = output;
    state = isGzip ? State.GZIP_HEADER : State.ZLIB_HEADER;
  }

  /** A decoder for a coding, in lower case; empty if it can't be undone. */
  static Optional<ContentDecoder> of(String coding, Output output) {
    return switch (coding) {
      case "gzip", "x-gzip" -> Optional.of(new ContentDecoder(true, output));
      case "deflate" -> Optional.of(new ContentDecoder(false, output));
      default -> Optional.empty();
    };
  }

  void feed(byte[] bytes, int length) {
    int at = 0;
    while (at < length) {
      switch (state) {
        case GZIP_HEADER -> gzipHeader(bytes[at++]);
        case ZLIB_HEADER -> zlibHeader(bytes[at++]);
        case DATA -> at += inflate(bytes, at, length - at);
        case GZIP_TRAILER -> {
          at++;
          if (++trailerSize == GZIP_TRAILER) {
            nextMember();
          }
        }
        case ENDED, BROKEN, TOO_LARGE -> {
          return;
        }
      }
    }
  }

  /** More may come: what was decoded so far no longer counts against the bound. */
  void restartBound() {
    decoded = 0;
  }

  /** What came of it, if the body ends here; one that ended early can only be fine so far. */
  CodingOutcome outcome(boolean complete) {
    return switch (state) {
      case ENDED -> CodingOutcome.DECODED;
      case GZIP_HEADER, ZLIB_HEADER, DATA, GZIP_TRAILER ->
          complete && !isBetweenMembers() ? CodingOutcome.BROKEN : CodingOutcome.DECODED;
      case BROKEN -> CodingOutcome.BROKEN;
      case TOO_LARGE -> CodingOutcome.TOO_LARGE;
    };
  }

  private boolean isBetweenMembers() {
    return state == State.GZIP_HEADER && gzipHeader.isEmpty() && trailerSize == GZIP_TRAILER;
  }

  private void gzipHeader(byte value) {
    boolean isFurther = isBetweenMembers();
    switch (gzipHeader.take(value)) {
      case MORE_TO_COME -> {}
      case LAST_BYTE -> begin(true);
      // What follows a whole member and isn't one is padding.
      case NO_HEADER -> state = isFurther ? State.ENDED : State.BROKEN;
    }
  }

  private void nextMember() {
    gzipHeader = new GzipHeader();
    close();
    state = State.GZIP_HEADER;
  }

  private void zlibHeader(byte value) {
    zlibHeader[headerSize++] = value;
    if (headerSize == zlibHeader.length) {
      boolean isZlib =
          (zlibHeader[0] & 0x0f) == 8
              && ((zlibHeader[0] & 0xff) << 8 | (zlibHeader[1] & 0xff)) % 31 == 0;
      begin(!isZlib);
      inflate(zlibHeader, 0, zlibHeader.length);
    }
  }

  private void begin(boolean isBare) {
    inflater = new Inflater(isBare);
    trailerSize = 0;
    state = State.DATA;
  }

  /** Returns how many bytes were taken. */
  private int inflate(byte[] bytes, int from, int count) {
    Inflater it = inflater;
    if (it == null) {
      return count;
    }
    it.setInput(bytes, from, count);
    try {
      int size = it.inflate(piece);
      while (size > 0) {
        decoded += size;
        output.decoded(piece, size);
        if (decoded > MOST) {
          end(State.TOO_LARGE);
          return count;
        }
        size = it.inflate(piece);
      }
    } catch (DataFormatException e) {
      end(State.BROKEN);
      return count;
    }
    int taken = count - it.getRemaining();
    if (it.finished()) {
      end(isGzip ? State.GZIP_TRAILER : State.ENDED);
    } else if (it.needsDictionary()) {
      end(State.BROKEN);
    }
    return taken;
  }

  private void end(State last) {
    close();
    state = last;
  }

  @Override
  public void close() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }
}
