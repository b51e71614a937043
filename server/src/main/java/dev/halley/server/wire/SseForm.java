package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.server.hub.WireForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Server-Sent Events (WHATWG HTML, section 9.2). One batch is one chunk of HTTP/1.1's chunked
 * coding, or goes out as it is on HTTP/1.0. An event's data is the bare payload, or the object that
 * {@code halley.v1} has for it.
 */
public final class SseForm implements WireForm {
  /** For HTTP/1.1. */
  public static final SseForm CHUNKED = new SseForm(2, true, false);

  /** For HTTP/1.0, where the end of the connection is the end of the stream. */
  public static final SseForm PLAIN = new SseForm(3, false, false);

  private static final SseForm CHUNKED_OBJECTS = new SseForm(6, true, true);
  private static final SseForm PLAIN_OBJECTS = new SseForm(7, false, true);

  /** The last chunk (RFC 9112 section 7.1). */
  public static final String LAST_CHUNK = "0\r\n\r\n";

  private static final int CHUNK_HEAD = 10;
  private static final byte[] ID = "id: ".getBytes(US_ASCII);
  private static final byte[] DATA = "\ndata: ".getBytes(US_ASCII);
  private static final byte[] BINARY = "\nevent: binary".getBytes(US_ASCII);
  private static final byte[] END = "\n\n".getBytes(US_ASCII);

  private final int index;
  private final boolean chunked;
  private final boolean objects;
  private final Optional<WireForm> shared = Optional.of(this);

  private SseForm(int index, boolean chunked, boolean objects) {
    this.index = index;
    this.chunked = chunked;
    this.objects = objects;
  }

  /** The form for HTTP/1.1 or 1.0, with the objects of {@code halley.v1} or bare payloads. */
  public static SseForm of(boolean http11, boolean objects) {
    if (objects) {
      return http11 ? CHUNKED_OBJECTS : PLAIN_OBJECTS;
    }
    return http11 ? CHUNKED : PLAIN;
  }

  @Override
  public int index() {
    return index;
  }

  /** This form, as {@code Subscriber.sharedForm} wants it. */
  public Optional<WireForm> asShared() {
    return shared;
  }

  /** Whether the stream's end is the {@link #LAST_CHUNK}. */
  public boolean isChunked() {
    return chunked;
  }

  /** Whether an event's data is an object of {@code halley.v1}. */
  public boolean hasObjects() {
    return objects;
  }

  @Override
  public ByteBuf encode(
      ByteBufAllocator allocator, String channel, List<Publication> publications) {
    int estimate = CHUNK_HEAD + 2;
    for (int i = 0; i < publications.size(); i++) {
      estimate += eventEstimate(channel, publications.get(i));
    }
    return encode(
        allocator,
        estimate,
        out -> {
          for (int i = 0; i < publications.size(); i++) {
            Publication publication = publications.get(i);
            writeEvent(out, publication.position().toString(), channel, publication);
          }
        });
  }

  /** Encodes what {@code body} writes. */
  public ByteBuf encode(ByteBufAllocator allocator, int estimate, Consumer<ByteBuf> body) {
    ByteBuf out = allocator.directBuffer(estimate);
    try {
      return chunked ? chunk(out, body) : whole(out, body);
    } catch (Throwable e) {
      out.release();
      throw e;
    }
  }

  private static ByteBuf whole(ByteBuf out, Consumer<ByteBuf> body) {
    body.accept(out);
    return out;
  }

  private static ByteBuf chunk(ByteBuf out, Consumer<ByteBuf> body) {
    out.writeZero(CHUNK_HEAD);
    body.accept(out);
    String head = Integer.toHexString(out.readableBytes() - CHUNK_HEAD) + "\r\n";
    int start = CHUNK_HEAD - head.length();
    out.setCharSequence(start, head, US_ASCII);
    out.readerIndex(start);
    ByteBufUtil.writeAscii(out, "\r\n");
    return out;
  }

  /** About how many bytes {@link #writeEvent} writes. */
  public int eventEstimate(String channel, Publication publication) {
    return 80
        + (objects
            ? JsonText.publicationLength(channel, publication)
            : publication.payload().size());
  }

  /** One event: {@code id} is the cursor after it. */
  public void writeEvent(ByteBuf out, String id, String channel, Publication publication) {
    out.writeBytes(ID);
    ByteBufUtil.writeAscii(out, id);
    if (objects) {
      out.writeBytes(DATA);
      writeObject(out, channel, publication);
    } else {
      writePayload(out, publication.payload());
    }
    out.writeBytes(END);
  }

  /** On one line: a CR or LF that is left in JSON stands between its tokens, as a space may. */
  private static void writeObject(ByteBuf out, String channel, Publication publication) {
    int start = out.writerIndex();
    JsonText.writePublication(out, channel, publication);
    for (int i = start; i < out.writerIndex(); i++) {
      byte b = out.getByte(i);
      if (b == '\n' || b == '\r') {
        out.setByte(i, ' ');
      }
    }
  }

  private static void writePayload(ByteBuf out, Payload payload) {
    switch (payload.type()) {
      case TEXT, JSON -> writeLines(out, payload);
      case BINARY -> {
        out.writeBytes(BINARY);
        out.writeBytes(DATA);
        out.writeBytes(Base64.getEncoder().encode(payload.toByteArray()));
      }
    }
  }

  /** CR LF, LF and CR each end a line: the reader puts an LF in their place. */
  private static void writeLines(ByteBuf out, Payload payload) {
    int size = payload.size();
    int lineStart = 0;
    for (int i = 0; i < size; i++) {
      byte b = payload.byteAt(i);
      if (b == '\n' || b == '\r') {
        writeLine(out, payload, lineStart, i);
        if (b == '\r' && i + 1 < size && payload.byteAt(i + 1) == '\n') {
          i++;
        }
        lineStart = i + 1;
      }
    }
    writeLine(out, payload, lineStart, size);
  }

  private static void writeLine(ByteBuf out, Payload payload, int from, int to) {
    out.writeBytes(DATA);
    JsonText.writeRange(out, payload, from, to - from);
  }
}
