package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Publication;
import dev.halley.server.hub.WireForm;
import dev.halley.websocket.FrameHeader;
import dev.halley.websocket.Opcode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.List;

/** WebSocket with the subprotocol {@code halley.v1}: JSON text frames. */
public final class HalleyV1Form implements WireForm {
  /** With frames that aren't compressed. */
  public static final HalleyV1Form PLAIN = new HalleyV1Form(FrameEncoder.PLAIN);

  private static final int PLAIN_INDEX = 1;
  private static final int COMPRESSED_INDEX = 5;

  private final FrameEncoder frames;

  /** A form with the frames that an encoder writes. */
  public HalleyV1Form(FrameEncoder frames) {
    this.frames = frames;
  }

  @Override
  public int index() {
    return frames.compresses() ? COMPRESSED_INDEX : PLAIN_INDEX;
  }

  @Override
  public ByteBuf encode(
      ByteBufAllocator allocator, String channel, List<Publication> publications) {
    int length = 0;
    for (int i = 0; i < publications.size(); i++) {
      int json = JsonText.publicationLength(channel, publications.get(i));
      length += FrameHeader.length(json) + json;
    }
    ByteBuf out = allocator.directBuffer(length, length);
    try {
      for (int i = 0; i < publications.size(); i++) {
        Publication publication = publications.get(i);
        int json = JsonText.publicationLength(channel, publication);
        if (frames.compresses(json)) {
          ByteBuf text = allocator.directBuffer(json, json);
          JsonText.writePublication(text, channel, publication);
          compress(text, out);
        } else {
          writeHeader(out, json);
          JsonText.writePublication(out, channel, publication);
        }
      }
      return out;
    } catch (Throwable e) {
      out.release();
      throw e;
    }
  }

  /** A frame with {@code json}. */
  public ByteBuf encode(ByteBufAllocator allocator, String json) {
    int length = ByteBufUtil.utf8Bytes(json);
    ByteBuf out = allocator.directBuffer(FrameHeader.length(length) + length);
    try {
      if (frames.compresses(length)) {
        compress(ByteBufUtil.writeUtf8(allocator, json), out);
      } else {
        writeHeader(out, length);
        out.writeCharSequence(json, UTF_8);
      }
      return out;
    } catch (Throwable e) {
      out.release();
      throw e;
    }
  }

  /** Takes the text over. */
  private void compress(ByteBuf text, ByteBuf out) {
    try {
      ByteBuffer payload = text.internalNioBuffer(text.readerIndex(), text.readableBytes());
      ByteBuffer frame = out.internalNioBuffer(out.writerIndex(), out.writableBytes());
      int start = frame.position();
      frames.write(Opcode.TEXT, payload, frame);
      out.writerIndex(out.writerIndex() + frame.position() - start);
    } finally {
      text.release();
    }
  }

  private static void writeHeader(ByteBuf out, int payloadLength) {
    int length = FrameHeader.length(payloadLength);
    ByteBuffer header = out.internalNioBuffer(out.writerIndex(), length);
    FrameHeader.write(header, Opcode.TEXT, true, payloadLength);
    out.writerIndex(out.writerIndex() + length);
  }
}
