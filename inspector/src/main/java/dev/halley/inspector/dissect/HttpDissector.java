package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: heads and bodies of HTTP/1.x, then another protocol if it comes to
 * that.
 *
 * <p>It reads what real programs send rather than what a strict reader would take, and never gives
 * up before the bytes have stopped making sense. A head is held until it is whole; all else goes on
 * as it comes.
 */
final class HttpDissector {
  static final int MOST_HEAD = 64 << 10;
  private static final int MOST_LINE = 1 << 10;
  private static final int SCRATCH = 16 << 10;
  private static final int MOST_WAITING = 256 << 10;
  private static final byte TLS_HANDSHAKE = 0x16;

  private enum State {
    HEAD,
    COUNTED,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    UNTIL_END,
    WAITING,
    FOLLOWING,
    OPAQUE
  }

  private final HttpListener listener;
  private final WireOut out;
  private final boolean showSecrets;
  private State state = State.HEAD;
  private byte[] held = new byte[512];
  private int heldSize;
  private long left;
  private @Nullable FollowingProtocol following;
  private boolean begun;
  private boolean isEncrypted;
  private String trailer = "";

  HttpDissector(HttpListener listener, WireOut out, Options options) {
    this.listener = listener;
    this.out = out;
    showSecrets = options.showSecrets();
  }

  /** Reads all that remains in the buffer. */
  void feed(ByteBuffer in, long micros) {
    while (in.hasRemaining()) {
      switch (state) {
        case HEAD -> head(in, micros);
        case COUNTED, CHUNK -> counted(in, micros);
        case CHUNK_SIZE -> line(in, micros);
        case CHUNK_END -> line(in, micros);
        case TRAILER -> line(in, micros);
        case UNTIL_END -> content(in, in.remaining(), micros);
        case WAITING -> waiting(in, micros);
        case FOLLOWING -> following(in, micros);
        case OPAQUE -> out.hide(in, in.remaining(), showSecrets || isEncrypted);
      }
    }
    out.flush(micros);
  }

  /** No more bytes will come. */
  void end(long micros) {
    switch (state) {
      case COUNTED, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER -> {
        passHeld();
        out.flush(micros);
        listener.bodyEnd(false, micros);
      }
      case UNTIL_END -> listener.bodyEnd(true, micros);
      case HEAD, WAITING -> {
        if (heldSize > 0) {
          opaque("the connection ended within a head", micros);
          out.flush(micros);
        }
      }
      case FOLLOWING -> {
        if (following != null) {
          following.end(micros);
        }
      }
      case OPAQUE -> {}
    }
    state = State.OPAQUE;
  }

  /** What was waited for is known: another protocol follows, and perhaps was there already. */
  void become(FollowingProtocol protocol, long micros) {
    following = protocol;
    state = State.FOLLOWING;
    refeed(micros);
  }

  /** What was waited for is known: it goes on with HTTP. */
  void goOn(long micros) {
    if (state == State.WAITING) {
      state = State.HEAD;
      refeed(micros);
    }
  }

  /** Bytes are missing from here on. */
  void becomeOpaque(String why, long micros) {
    if (state != State.OPAQUE) {
      end(micros);
      listener.opaque(why, micros);
    }
  }

  private void refeed(long micros) {
    if (heldSize == 0) {
      return;
    }
    byte[] waiting = Arrays.copyOf(held, heldSize);
    heldSize = 0;
    feed(ByteBuffer.wrap(waiting), micros);
  }

  private void hold(byte value) {
    if (heldSize == held.length) {
      held = Arrays.copyOf(held, 2 * held.length);
    }
    held[heldSize++] = value;
  }

  // ---- heads

  private void head(ByteBuffer in, long micros) {
    while (in.hasRemaining()) {
      byte value = in.get();
      if (heldSize == 0 && (value == '\r' || value == '\n')) {
        out.add(value); // before a request they are to be ignored (RFC 9112 section 2.2)
        continue;
      }
      hold(value);
      if (!begun && couldBeSettings()) {
        if (heldSize < Http2Dissector.HEADER) {
          continue;
        }
        if (listener.settingsFirst(micros)) {
          return;
        }
      }
      if (value == '\n' && isHeadWhole()) {
        headIsWhole(micros);
        return;
      }
      if (!isText(value)) {
        isEncrypted = held[0] == TLS_HANDSHAKE;
        opaque(isEncrypted ? "TLS: what is encrypted can't be read" : "no HTTP", micros);
        return;
      }
      if (heldSize == MOST_HEAD) {
        opaque("a head of more than " + MOST_HEAD + " bytes", micros);
        return;
      }
    }
  }

  /** A SETTINGS frame, which comes before any other and without flags (RFC 9113 section 3.4). */
  private boolean couldBeSettings() {
    byte[] wanted = {0, -1, -1, 4, 0, 0, 0, 0, 0};
    for (int at = 0; at < heldSize; at++) {
      if (at >= wanted.length || (wanted[at] >= 0 && wanted[at] != held[at])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isText(byte value) {
    return value < 0 || value >= ' ' || value == '\r' || value == '\n' || value == '\t';
  }

  private boolean isHeadWhole() {
    return (heldSize >= 2 && held[heldSize - 2] == '\n')
        || (heldSize >= 3 && held[heldSize - 2] == '\r' && held[heldSize - 3] == '\n');
  }

  private void headIsWhole(long micros) {
    begun = true;
    if (!showSecrets) {
      HeadSecrets.mask(held, heldSize);
    }
    Head head = Head.read(held, heldSize).orElse(null);
    if (head == null) {
      opaque("no HTTP", micros);
      return;
    }
    if (!showSecrets) {
      HeadSecrets.withholdCoding(held, heldSize);
    }
    out.add(held, 0, heldSize);
    heldSize = 0;
    if (held.length > MOST_LINE) {
      held = new byte[512];
    }
    follow(listener.head(head, micros), micros);
  }

  private void follow(Framing framing, long micros) {
    switch (framing) {
      case Framing.None unused -> state = State.HEAD;
      case Framing.Counted counted -> {
        left = counted.length();
        state = State.COUNTED;
        if (left == 0) {
          bodyIsWhole(micros);
        }
      }
      case Framing.Chunked unused -> state = State.CHUNK_SIZE;
      case Framing.UntilEnd unused -> state = State.UNTIL_END;
      case Framing.Waiting unused -> state = State.WAITING;
      // The listener has said what is to read it.
      case Framing.Following unused -> state = State.FOLLOWING;
      case Framing.Opaque unused -> state = State.OPAQUE;
    }
  }

  // ---- bodies

  private void counted(ByteBuffer in, long micros) {
    int count = (int) Math.min(left, in.remaining());
    left -= count;
    boolean isChunk = state == State.CHUNK;
    content(in, count, micros);
    if (left == 0) {
      if (isChunk) {
        state = State.CHUNK_END;
      } else {
        bodyIsWhole(micros);
      }
    }
  }

  private void bodyIsWhole(long micros) {
    state = State.HEAD;
    listener.bodyEnd(true, micros);
  }

  private void content(ByteBuffer in, int count, long micros) {
    byte[] scratch = new byte[Math.min(count, SCRATCH)];
    for (int done = 0; done < count; ) {
      int length = Math.min(count - done, scratch.length);
      in.get(scratch, 0, length);
      listener.body(scratch, length, micros);
      out.add(scratch, 0, length);
      done += length;
    }
  }

  private void line(ByteBuffer in, long micros) {
    byte value = in.get();
    hold(value);
    if (value != '\n') {
      if (heldSize > MOST_LINE) {
        becomeOpaque("a chunk's line of more than " + MOST_LINE + " bytes", micros);
      }
      return;
    }
    String line = new String(held, 0, heldSize, ISO_8859_1).strip();
    if (!showSecrets && !line.isEmpty()) {
      trailer = HeadSecrets.mask(held, heldSize, trailer);
    }
    out.add(held, 0, heldSize);
    heldSize = 0;
    switch (state) {
      case CHUNK_SIZE -> chunkSize(line, micros);
      case CHUNK_END -> state = State.CHUNK_SIZE;
      default -> {
        if (line.isEmpty()) {
          bodyIsWhole(micros);
        }
      }
    }
  }

  private void chunkSize(String line, long micros) {
    try {
      left = Long.parseLong(line.split(";", 2)[0].strip(), 16);
    } catch (NumberFormatException e) {
      left = -1;
    }
    if (left < 0) {
      becomeOpaque("a chunk without its size", micros);
    } else {
      state = left == 0 ? State.TRAILER : State.CHUNK;
      trailer = "";
    }
  }

  // ---- what isn't HTTP

  private void waiting(ByteBuffer in, long micros) {
    while (in.hasRemaining()) {
      hold(in.get());
      if (heldSize == MOST_WAITING) {
        opaque("more than " + MOST_WAITING + " bytes before the answer", micros);
        return;
      }
    }
  }

  private void following(ByteBuffer in, long micros) {
    if (following == null) {
      out.hide(in, in.remaining(), showSecrets);
    } else {
      following.feed(in, micros);
    }
  }

  private void opaque(String why, long micros) {
    state = State.OPAQUE;
    passHeld();
    listener.opaque(why, micros);
  }

  private void passHeld() {
    out.hide(ByteBuffer.wrap(held), heldSize, showSecrets || isEncrypted);
    heldSize = 0;
  }
}
