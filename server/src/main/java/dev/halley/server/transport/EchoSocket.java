package dev.halley.server.transport;

import dev.halley.server.Limit;
import dev.halley.server.meter.Via;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.FrameHeader;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.Opcode;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends every message back.
 *
 * <p>A message that came whole in one frame, and wasn't compressed, is answered where it lies: the
 * unmasked payload moves down over the client's header, which is four bytes longer than the
 * server's, so the answers to one read are one slice of the buffer that was read.
 */
public final class EchoSocket extends WebSocketHandler {
  private @Nullable ByteBuf input;
  private @Nullable ByteBuffer inputBytes;
  private int inputFrom;
  private int inputOffset;
  private int answersFrom;
  private int answersTo;

  /**
   * A socket of the echo endpoint.
   *
   * @param agreed permessage-deflate, where the handshake agreed on it
   */
  public EchoSocket(SocketContext server, Optional<DeflateParameters> agreed) {
    super(server, agreed, limits(server.config().limits().echoMessage()));
  }

  private static MessageLimits limits(int largest) {
    return new MessageLimits(largest, largest);
  }

  @Override
  public Via via() {
    return Via.ECHO;
  }

  @Override
  Limit messageLimit() {
    return Limit.ECHO_MESSAGE;
  }

  @Override
  void onStart() {}

  @Override
  void onClosing() {}

  @Override
  void onWritable() {}

  @Override
  void onReadBegin(ByteBuf read, ByteBuffer bytes) {
    input = read;
    inputBytes = bytes;
    inputFrom = bytes.position();
    inputOffset = bytes.position() - read.readerIndex();
    answersFrom = -1;
  }

  @Override
  void onReadEnd() {
    sendAnswers();
    input = null;
    inputBytes = null;
  }

  @Override
  void onReply() {
    sendAnswers();
  }

  private void sendAnswers() {
    ByteBuf read = input;
    if (read != null && answersFrom >= 0) {
      sendAtReadEnd(read.retainedSlice(answersFrom - inputOffset, answersTo - answersFrom));
      answersFrom = -1;
    }
  }

  @Override
  void onMessage(boolean text) {
    if (!protocol().canSend()) {
      return;
    }
    ByteBuffer payload = protocol().payloadBuffer();
    int offset = protocol().payloadOffset();
    int length = protocol().payloadLength();
    int header = FrameHeader.length(length);
    int opcode = text ? Opcode.TEXT : Opcode.BINARY;
    int room = offset - (answersFrom < 0 ? inputFrom : answersTo);
    if (isInput(payload) && room >= header) {
      answerInPlace(payload, offset, length, header, opcode);
    } else {
      sendAnswers();
      sendAtReadEnd(encode(text, protocol().payload()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // not the same bytes, but the same buffer
  private boolean isInput(ByteBuffer payload) {
    return payload == inputBytes;
  }

  private void answerInPlace(ByteBuffer bytes, int offset, int length, int header, int opcode) {
    if (answersFrom < 0) {
      answersFrom = offset - header;
      answersTo = answersFrom;
    }
    int payloadAt = answersTo + header;
    if (payloadAt != offset) {
      bytes.put(payloadAt, bytes, offset, length);
    }
    FrameHeader.write(bytes, answersTo, opcode, true, length);
    answersTo = payloadAt + length;
  }
}
