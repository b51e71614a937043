package dev.halley.inspector.dissect;

import dev.halley.inspector.Breach;
import dev.halley.inspector.Http2Names;
import dev.halley.inspector.Snippet;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Frames of one direction of HTTP/2 (RFC 9113 section 4). Content goes on as it comes; what carries
 * a header block is held until the block is whole.
 */
final class Http2Dissector implements FollowingProtocol {
  /** What is left of the client's preface when its first lines have been read as a head. */
  static final int REST_OF_PREFACE = "SM\r\n\r\n".length();

  static final int HEADER = 9;
  private static final int PRIORITY_BYTES = 5;
  private static final int PROMISED_BYTES = 4;
  private static final int MOST_KEPT = 1 << 10;
  private static final int PIECE = 16 << 10;
  private static final Breach INTERRUPTED =
      new Breach("Nothing may come between the frames of a header block.", "RFC 9113 section 4.3");
  private static final Breach NO_STREAM =
      new Breach("Such a frame must be of a stream.", "RFC 9113 section 6");
  private static final Breach PADDING =
      new Breach("Padding must be shorter than the payload.", "RFC 9113 section 6.1");

  private final Listener listener;
  private final WireOut out;
  private final boolean showSecrets;
  private final TokenMask mask;
  private int prefaceLeft;
  private boolean isLost;

  // of the frame
  private final byte[] header = new byte[HEADER];
  private int headerSize;
  private int type;
  private int flags;
  private int stream;
  private int length;
  private int left;
  private int dataLeft;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private final List<Breach> breaches = new ArrayList<>();

  // of the header block
  private boolean inBlock;
  private int blockType;
  private int blockFlags;
  private int blockStream;
  private byte[] beforeBlock = {};
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();

  /** A frame, but for its content. */
  record Found(
      int type, int flags, int stream, int length, Snippet payload, List<Breach> breaches) {}

  /** A header block that is whole, and the frame that it began with. */
  record Block(int type, int flags, int stream, ByteBuffer before, ByteBuffer bytes) {}

  /** Takes what is found. */
  interface Listener {
    /** A frame, before its content if it is DATA. */
    void frame(Found frame, long micros);

    /** Content of a stream, which also has to go on to the file from here. */
    void data(int stream, ByteBuffer content, long micros);

    /** A header block. */
    void block(Block block, long micros);

    /** A frame has passed that says that no other follows. */
    void streamEnds(int stream, long micros);

    /** Nothing more can be read. */
    void lost(String why, long micros);
  }

  /**
   * A direction at its begin.
   *
   * @param prefaceLeft how many bytes come before the first frame
   */
  Http2Dissector(Listener listener, WireOut out, boolean showSecrets, int prefaceLeft) {
    this.listener = listener;
    this.out = out;
    this.showSecrets = showSecrets;
    mask = new TokenMask(showSecrets);
    this.prefaceLeft = prefaceLeft;
  }

  @Override
  public void feed(ByteBuffer in, long micros) {
    while (in.hasRemaining()) {
      if (isLost) {
        out.hide(in, in.remaining(), showSecrets);
      } else if (prefaceLeft > 0) {
        prefaceLeft--;
        out.add(in.get());
      } else if (headerSize < HEADER) {
        header[headerSize++] = in.get();
        if (headerSize == HEADER) {
          begin(micros);
        }
      } else {
        payload(in, micros);
      }
    }
  }

  @Override
  public void end(long micros) {
    isLost = true;
  }

  private boolean hasBlock() {
    return type == Http2Names.HEADERS
        || type == Http2Names.PUSH_PROMISE
        || type == Http2Names.CONTINUATION;
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  private void begin(long micros) {
    ByteBuffer fields = ByteBuffer.wrap(header);
    length = fields.getInt() >>> 8;
    type = header[3] & 0xff;
    flags = header[4] & 0xff;
    stream = fields.getInt(5) & 0x7fffffff;
    left = length;
    dataLeft = length;
    held.reset();
    mask.restart();
    check();
    if (hasBlock() && block.size() + length > HttpDissector.MOST_HEAD) {
      found(micros);
      lose("a header block of more than " + HttpDissector.MOST_HEAD + " bytes", micros);
      return;
    }
    if (!hasBlock() || showSecrets) {
      out.add(header, 0, HEADER);
    }
    if (type == Http2Names.DATA) {
      found(micros);
      dataLeft = has(Http2Names.PADDED) ? -1 : length;
    }
    if (left == 0) {
      complete(micros);
    }
  }

  private void check() {
    boolean goesOn = type == Http2Names.CONTINUATION;
    if (inBlock != goesOn || (goesOn && stream != blockStream)) {
      breaches.add(INTERRUPTED);
    }
    if (stream == 0 && (hasBlock() || type == Http2Names.DATA)) {
      breaches.add(NO_STREAM);
    }
  }

  private void lose(String why, long micros) {
    isLost = true;
    out.add(header, 0, HEADER);
    listener.lost(why, micros);
  }

  // ---- payloads

  private void payload(ByteBuffer in, long micros) {
    if (type == Http2Names.DATA) {
      data(in, micros);
    } else {
      keep(in);
    }
    if (left == 0) {
      complete(micros);
    }
  }

  private void data(ByteBuffer in, long micros) {
    if (dataLeft < 0) {
      int padding = in.get() & 0xff;
      out.add((byte) padding);
      left--;
      dataLeft = Math.max(0, left - padding);
    } else if (dataLeft > 0) {
      int count = Math.min(Math.min(dataLeft, in.remaining()), PIECE);
      ByteBuffer piece = in.slice(in.position(), count);
      listener.data(stream, piece, micros);
      in.position(in.position() + count);
      dataLeft -= count;
      left -= count;
    } else {
      int count = Math.min(left, in.remaining());
      out.hide(in, count, showSecrets); // padding, in which there is nothing to be read
      left -= count;
    }
  }

  private void keep(ByteBuffer in) {
    int count = Math.min(Math.min(left, in.remaining()), PIECE);
    byte[] bytes = new byte[count];
    in.get(bytes);
    if (hasBlock()) {
      held.writeBytes(bytes);
      if (showSecrets) {
        out.add(bytes, 0, count);
      }
    } else {
      mask.apply(bytes, 0, count);
      held.write(bytes, 0, Math.min(count, Math.max(0, MOST_KEPT - held.size())));
      out.add(bytes, 0, count);
    }
    left -= count;
  }

  private void complete(long micros) {
    headerSize = 0;
    if (type == Http2Names.DATA) {
      if (has(Http2Names.END_STREAM)) {
        listener.streamEnds(stream, micros);
      }
    } else if (hasBlock()) {
      fragment(micros);
    } else {
      found(micros);
    }
  }

  private void found(long micros) {
    Snippet payload = hasBlock() ? Snippet.EMPTY : Snippet.of(held.toByteArray(), held.size());
    listener.frame(new Found(type, flags, stream, length, payload, List.copyOf(breaches)), micros);
    breaches.clear();
  }

  // ---- header blocks

  private void fragment(long micros) {
    byte[] payload = held.toByteArray();
    int from = has(Http2Names.PADDED) && type != Http2Names.CONTINUATION ? 1 : 0;
    int padding = from == 1 && payload.length > 0 ? payload[0] & 0xff : 0;
    int before = before();
    int to = payload.length - padding;
    if (from + before > to) {
      breaches.add(PADDING);
      to = payload.length;
    }
    int begin = Math.min(payload.length, from + before);
    if (type != Http2Names.CONTINUATION) {
      inBlock = true;
      blockType = type;
      blockFlags = flags;
      blockStream = stream;
      beforeBlock = Arrays.copyOfRange(payload, Math.min(from, begin), begin);
      block.reset();
    }
    block.write(payload, begin, Math.max(0, to - begin));
    found(micros);
    if (inBlock && has(Http2Names.END_HEADERS)) {
      inBlock = false;
      Block whole =
          new Block(
              blockType,
              blockFlags,
              blockStream,
              ByteBuffer.wrap(beforeBlock),
              ByteBuffer.wrap(block.toByteArray()));
      block.reset();
      listener.block(whole, micros);
      if (blockType == Http2Names.HEADERS && (blockFlags & Http2Names.END_STREAM) != 0) {
        listener.streamEnds(blockStream, micros);
      }
    }
  }

  private int before() {
    if (type == Http2Names.PUSH_PROMISE) {
      return PROMISED_BYTES;
    }
    return type == Http2Names.HEADERS && has(Http2Names.PRIORITY_FLAG) ? PRIORITY_BYTES : 0;
  }

  /** Writes a block in one frame, without padding, in place of those that it came in. */
  static void write(WireOut out, Block block, byte[] fields) {
    int before = block.before().remaining();
    int length = before + fields.length;
    int flags = (block.flags() | Http2Names.END_HEADERS) & ~Http2Names.PADDED;
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putInt(length << 8 | block.type()).put((byte) flags).putInt(block.stream());
    out.add(header.array(), 0, HEADER);
    out.add(block.before(), 0, before);
    out.add(fields, 0, fields.length);
  }
}
