package dev.halley.inspector.dissect;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Direction;
import dev.halley.inspector.FrameBits;
import dev.halley.inspector.Snippet;
import dev.halley.inspector.TapEvent;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.FrameHeader;
import dev.halley.websocket.Masking;
import dev.halley.websocket.Opcode;
import dev.halley.websocket.Rule;
import dev.halley.websocket.Utf8Validator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Frames of one direction, whatever is wrong with them: rules that are broken are told with the
 * frame, and reading goes on with the next one (RFC 6455 section 5, RFC 7692).
 *
 * <p>The bytes that are read stay as they are: they are on their way to somebody. What is unmasked
 * is a copy, a little at a time; of large payloads that need no look inside, not even that.
 */
final class FrameDissector implements FollowingProtocol {
  private static final int SCRATCH = 16 << 10;
  private static final int LONGEST_HEADER = 14;
  private static final Breach AFTER_CLOSE =
      new Breach("No frame may follow a close frame.", "RFC 6455 section 5.5.1");

  private final FrameListener listener;
  private final Direction direction;
  private final WireOut out;
  private final MessageTracker messages;
  private final boolean showSecrets;
  private final TokenMask messageMask;
  private final TokenMask controlMask;
  private final Cut payload;

  private final byte[] header = new byte[LONGEST_HEADER];
  private int headerSize;
  private boolean inPayload;
  private boolean isLost;
  private boolean closed;

  // of the frame
  private long number;
  private FrameBits bits = new FrameBits(0, 0, 0, 0);
  private long left;
  private int key;

  /** Whether the message's bytes mean something else than themselves. */
  private boolean isCoded;

  private TapEvent.MessagePart part = TapEvent.MessagePart.NONE;
  private final List<Breach> breaches = new ArrayList<>();

  /** Takes what is found. */
  interface FrameListener {
    /** A frame is complete, or the connection ended within it. */
    void frame(Found frame, long micros);

    /** No frame can be found any more. */
    void lost(Breach breach, long micros);
  }

  /** A frame, but for what its conversation knows of it. */
  record Found(
      Direction direction,
      long number,
      FrameBits bits,
      Snippet payload,
      TapEvent.MessagePart part,
      Optional<Snippet> inflated,
      int closeCode,
      boolean complete,
      List<Breach> breaches) {
    /** The frame of a conversation, and of a stream of it; 0 if it has none. */
    TapEvent event(long connection, long stream, String target, long micros) {
      return new TapEvent.Frame(
          connection,
          micros,
          direction,
          stream,
          target,
          number,
          bits,
          payload,
          part,
          inflated,
          closeCode,
          complete,
          breaches);
    }
  }

  FrameDissector(
      Direction direction,
      Optional<Inflation> inflation,
      Options options,
      WireOut out,
      FrameListener listener) {
    this.direction = direction;
    this.out = out;
    this.listener = listener;
    payload = new Cut(options.cut());
    showSecrets = options.showSecrets();
    messageMask = new TokenMask(showSecrets);
    controlMask = new TokenMask(showSecrets);
    messages = new MessageTracker(inflation, options);
  }

  @Override
  public void feed(ByteBuffer in, long micros) {
    while (in.hasRemaining()) {
      if (isLost) {
        out.hide(in, in.remaining(), showSecrets);
      } else if (inPayload) {
        payload(in, micros);
      } else {
        headerByte(in.get(), micros);
      }
    }
  }

  @Override
  public void end(long micros) {
    if (!isLost && (inPayload || headerSize > 0)) {
      if (!inPayload) {
        bits = headerSize < 2 ? new FrameBits(header[0] & 0xff, 0, 0, 0) : cutHeader();
        number++;
      }
      found(false, Optional.empty(), micros);
    }
    messages.release();
    isLost = true;
  }

  /** Whether a close frame was seen. */
  boolean isClosed() {
    return closed;
  }

  private FrameBits cutHeader() {
    return new FrameBits(header[0] & 0xff, header[1] & 0xff & FrameHeader.LENGTH, 0, 0);
  }

  // ---- headers

  private void headerByte(byte value, long micros) {
    header[headerSize++] = value;
    out.add(value);
    if (headerSize >= 2 && headerSize == FrameBits.headerLength(header[1] & 0xff)) {
      begin(micros);
    }
  }

  private void begin(long micros) {
    bits = FrameBits.read(header);
    number++;
    if (closed) {
      breaches.add(AFTER_CLOSE);
    }
    checkHeader();
    if (bits.length() < 0) {
      isLost = true;
      found(false, Optional.empty(), micros);
      listener.lost(Breach.of(Rule.POSITIVE_LENGTH), micros);
      return;
    }
    left = bits.length();
    key = bits.key();
    inPayload = true;
    if (bits.isControl()) {
      part = TapEvent.MessagePart.NONE;
    } else {
      part = messages.begin(bits, breaches);
      if (part.fragment() == 1) {
        isCoded = bits.rsv() != 0;
        messageMask.restart();
      }
    }
    controlMask.restart();
    if (left == 0) {
      complete(micros);
    }
  }

  private void checkHeader() {
    boolean shouldMask = direction == Direction.TO_SERVER;
    int opcode = bits.opcode();
    if (bits.isControl() ? opcode > Opcode.PONG : opcode > Opcode.BINARY) {
      breaches.add(Breach.of(Rule.KNOWN_OPCODE));
    }
    if (bits.rsv() != 0 && !messages.allowsReservedBits(bits)) {
      breaches.add(Breach.of(Rule.RESERVED_BITS));
    }
    if (bits.masked() != shouldMask) {
      breaches.add(Breach.of(shouldMask ? Rule.CLIENT_MASKS : Rule.SERVER_MASKS_NOT));
    }
    if (bits.isControl() && !bits.fin()) {
      breaches.add(Breach.of(Rule.CONTROL_FINAL));
    }
    if (bits.isControl() && bits.form() != FrameBits.LengthForm.BITS_7) {
      breaches.add(Breach.of(Rule.CONTROL_SHORT));
    }
    int least =
        switch (bits.form()) {
          case BITS_7 -> 0;
          case BITS_16 -> FrameHeader.MAX_SHORT + 1;
          case BITS_64 -> FrameHeader.MAX_IN_2_BYTES + 1;
        };
    if (bits.length() < 0) {
      breaches.add(Breach.of(Rule.POSITIVE_LENGTH));
    } else if (bits.length() < least) {
      breaches.add(Breach.of(Rule.SHORTEST_LENGTH));
    }
  }

  // ---- payloads

  private void payload(ByteBuffer in, long micros) {
    int count = (int) Math.min(left, in.remaining());
    // What is masked in one of a message's frames may have begun in another.
    boolean looksInside = payload.hasRoom() || out.isOpen() || isWatched() || !bits.fin();
    if (looksInside) {
      count = Math.min(count, SCRATCH);
      byte[] scratch = new byte[count];
      in.get(scratch);
      look(scratch);
    } else {
      in.position(in.position() + count);
      payload.skip(count);
    }
    key = Masking.after(count & 3, key);
    left -= count;
    if (left == 0) {
      complete(micros);
    }
  }

  private boolean isWatched() {
    return part.number() > 0 && messages.looksInside();
  }

  private void look(byte[] scratch) {
    int count = scratch.length;
    Masking.apply(ByteBuffer.wrap(scratch), 0, count, key);
    if (isWatched()) {
      messages.payload(scratch.clone(), count, breaches);
    }
    byte[] shown = masked(scratch);
    if (payload.hasRoom()) {
      payload.add(shown, 0, count);
    } else {
      payload.skip(count);
    }
    if (out.isOpen()) {
      if (isHidden()) {
        DeflateFiller.fill(scratch, count, left, bits.fin());
        shown = scratch;
      }
      Masking.apply(ByteBuffer.wrap(shown), 0, count, key);
      out.add(shown, 0, count);
    }
  }

  /** Secrets can't be told from the rest in what is compressed, or coded as nobody knows. */
  private boolean isHidden() {
    return !showSecrets && !bits.isControl() && (bits.rsv() != 0 || (part.number() > 0 && isCoded));
  }

  private byte[] masked(byte[] bytes) {
    if (isHidden()) {
      byte[] stars = new byte[bytes.length];
      Arrays.fill(stars, TokenMask.STAR);
      return stars;
    }
    TokenMask mask = part.number() > 0 ? messageMask : controlMask;
    mask.apply(bytes, 0, bytes.length);
    return bytes;
  }

  private void complete(long micros) {
    Optional<Snippet> inflated = Optional.empty();
    if (part.number() > 0 && bits.fin()) {
      inflated = messages.end(breaches);
    }
    found(true, inflated, micros);
  }

  private void found(boolean complete, Optional<Snippet> inflated, long micros) {
    Snippet content = payload.take();
    int closeCode = CloseCode.NO_STATUS;
    if (complete && bits.opcode() == Opcode.CLOSE) {
      closed = true;
      closeCode = closeCode(content);
    }
    Found frame =
        new Found(
            direction,
            number,
            bits,
            content,
            part,
            inflated,
            closeCode,
            complete,
            List.copyOf(breaches));
    breaches.clear();
    inPayload = false;
    headerSize = 0;
    listener.frame(frame, micros);
  }

  private int closeCode(Snippet content) {
    byte[] bytes = content.bytes();
    if (bytes.length == 0) {
      return CloseCode.NO_STATUS;
    }
    if (bytes.length == 1) {
      breaches.add(Breach.of(Rule.CLOSE_CODE_WHOLE));
      return CloseCode.NO_STATUS;
    }
    int code = (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    if (!CloseCode.isValidOnWire(code)) {
      breaches.add(Breach.of(Rule.CLOSE_CODE_VALID));
    }
    if (!content.isCut() && !Utf8Validator.isValid(ByteBuffer.wrap(bytes, 2, bytes.length - 2))) {
      breaches.add(Breach.of(Rule.CLOSE_REASON_IS_UTF_8));
    }
    return code;
  }
}
