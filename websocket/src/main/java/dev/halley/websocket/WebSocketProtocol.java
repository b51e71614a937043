package dev.halley.websocket;

import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/**
 * One open WebSocket connection, of a server or a client, without I/O (RFC 6455 sections 5 to 7).
 *
 * <p>The driver feeds what it read, takes one event after the other, and appends the replies that
 * some of them have to what it writes:
 *
 * <pre>{@code
 * for (Event event = protocol.receive(input); event != NEED_INPUT; event = protocol.receive(input)) {
 *   switch (event) { … }
 *   if (protocol.replyLength() > 0) {
 *     protocol.writeReply(output);
 *   }
 * }
 * // write output, then
 * if (protocol.shouldCloseTransport()) { … } else if (protocol.awaitingClose()) { … a timer … }
 * }</pre>
 *
 * <p>Not for several threads at once. What the peer does wrong is an event; what the caller does
 * wrong is an exception. Nothing is allocated for an unfragmented message that lies in the input
 * whole; no buffer is held between messages. A compressed message is inflated into a buffer of its
 * own, which never gets larger than the limit for messages; and what is held of messages that
 * aren't complete, and of those that are inflated, is asked for before ({@link MessageMemory}).
 */
public final class WebSocketProtocol {
  /**
   * The most bytes that a reply or a close frame takes: header, masking key, and the longest
   * payload of a control frame.
   */
  public static final int MAX_CONTROL_LENGTH = 2 + FrameHeader.KEY_LENGTH + FrameHeader.MAX_SHORT;

  /** What {@link #receive} came upon. */
  public enum Event {
    /** The input is consumed, and nothing more has happened. */
    NEED_INPUT,
    /** A text message, valid UTF-8; or its last part, which may be empty. */
    TEXT,
    /** A binary message; or its last part, which may be empty. */
    BINARY,
    /**
     * A part of a text message, where data is {@linkplain ProtocolOptions#inParts received in
     * parts}: UTF-8 so far, and it may end within a character.
     */
    TEXT_PART,
    /** A part of a binary message, where data is received in parts. */
    BINARY_PART,
    /** A ping; the reply is a pong. */
    PING,
    /** A pong. */
    PONG,
    /** The peer's close frame; nothing after it is looked at. The reply is a close frame. */
    CLOSE,
    /** The peer broke a rule; nothing after that is looked at. The reply is a close frame. */
    FAILURE
  }

  private enum Reply {
    NONE,
    PONG,
    CLOSE
  }

  private final boolean isServer;
  private final MessageWriter messages;
  private Receiver receiver;
  private Reply reply = Reply.NONE;
  private boolean closeSent;

  private WebSocketProtocol(boolean isServer, ProtocolOptions options, FrameWriter frames) {
    this.isServer = isServer;
    int maskBit = isServer ? FrameHeader.MASK : 0;
    if (options.compression().isEmpty()) {
      messages = new MessageWriter(frames);
      receiver = new MessageReader(options, maskBit, null);
      return;
    }
    Compression compression = options.compression().get();
    messages = new MessageWriter(frames, compression.deflater(isServer), compression.threshold());
    receiver =
        new MessageReader(options, maskBit, compression.inflater(isServer, options.inParts()));
  }

  /** The server's side of a connection after the handshake: whole messages, no extension. */
  public static WebSocketProtocol server(MessageLimits limits) {
    return server(ProtocolOptions.of(limits));
  }

  /** The server's side of a connection after the handshake. */
  public static WebSocketProtocol server(ProtocolOptions options) {
    return new WebSocketProtocol(true, options, FrameWriter.SERVER);
  }

  /**
   * The client's side of a connection after the handshake: whole messages, no extension.
   *
   * @param maskKeys as below
   */
  public static WebSocketProtocol client(MessageLimits limits, IntSupplier maskKeys) {
    return client(ProtocolOptions.of(limits), maskKeys);
  }

  /**
   * The client's side of a connection after the handshake.
   *
   * @param maskKeys gives the key of each frame sent; nobody may be able to predict it (RFC 6455
   *     section 10.3): {@link MaskKeys}
   */
  public static WebSocketProtocol client(ProtocolOptions options, IntSupplier maskKeys) {
    return new WebSocketProtocol(false, options, FrameWriter.client(maskKeys));
  }

  /**
   * Consumes input up to and including the next event, or all of it.
   *
   * <p>Drops the reply to a ping that was not written (RFC 6455 section 5.5.3), but not a close.
   *
   * @param input bytes from the peer, in the order they came; writable where this is the server,
   *     for payloads are unmasked where they are. After {@link Event#NEED_INPUT} nothing remains in
   *     it, and the driver may use it for anything.
   */
  public Event receive(ByteBuffer input) {
    if (reply == Reply.PONG) {
      reply = Reply.NONE;
    }
    Event event = receiver.receive(input);
    switch (event) {
      case PING -> reply = Reply.PONG;
      case CLOSE, FAILURE -> end();
      case NEED_INPUT, TEXT, BINARY, TEXT_PART, BINARY_PART, PONG -> {}
    }
    return event;
  }

  private void end() {
    receiver.release();
    receiver = new Discarder(receiver.closeStatus());
    reply = closeSent ? Reply.NONE : Reply.CLOSE;
  }

  /**
   * Where the payload of the last event is, if that was a message, a ping or a pong: the input
   * itself, or a buffer of the protocol's own. Good until the next {@link #receive}, and while the
   * input isn't changed. Its position and limit mean nothing.
   */
  public ByteBuffer payloadBuffer() {
    return receiver.payloadBuffer();
  }

  /** The index in {@link #payloadBuffer} where the payload begins. */
  public int payloadOffset() {
    return receiver.payloadOffset();
  }

  /** How many bytes of payload there are. */
  public int payloadLength() {
    return receiver.payloadLength();
  }

  /** A view of the payload, for as long as {@link #payloadBuffer} is good. */
  public ByteBuffer payload() {
    return payloadBuffer().slice(payloadOffset(), payloadLength());
  }

  /**
   * After {@link Event#CLOSE} the code that the peer sent, {@link CloseCode#NO_STATUS} if it sent
   * none; after {@link Event#FAILURE} the code that it is answered with.
   */
  public int closeCode() {
    return receiver.closeStatus().code();
  }

  /** The reason that belongs to {@link #closeCode}; after a failure, the rule that was broken. */
  public String closeReason() {
    return receiver.closeStatus().reason();
  }

  /** How many bytes {@link #writeReply} will write; 0 if there is no reply. */
  public int replyLength() {
    return switch (reply) {
      case NONE -> 0;
      case PONG -> messages.frames().length(payloadLength());
      case CLOSE -> messages.frames().length(receiver.closeStatus().toPayload().length);
    };
  }

  /**
   * Writes the reply to the last event, if there is one. The reply to a ping has the ping's
   * payload, which must still be where it was.
   *
   * @throws java.nio.BufferOverflowException if less than {@link #replyLength} bytes remain; then
   *     nothing is written
   */
  public void writeReply(ByteBuffer out) {
    if (reply == Reply.PONG) {
      messages.frames().write(Opcode.PONG, payloadBuffer(), payloadOffset(), payloadLength(), out);
    } else if (reply == Reply.CLOSE) {
      writeClose(receiver.closeStatus(), out);
    }
    reply = Reply.NONE;
  }

  /** How many bytes a message of so many bytes takes in one frame at most. */
  public int messageLength(int payloadLength) {
    return messages.frames().length(payloadLength);
  }

  /**
   * Writes a text message in one frame, compressed where that was agreed on and makes it smaller,
   * and moves both positions.
   *
   * @param payload UTF-8, which is not checked
   * @throws IllegalStateException if a close was sent, or a message in parts is not complete
   * @throws java.nio.BufferOverflowException if less than {@link #messageLength} bytes remain; then
   *     nothing is written
   */
  public void writeText(ByteBuffer payload, ByteBuffer out) {
    writeMessage(Opcode.TEXT, payload, out);
  }

  /**
   * Writes a binary message in one frame, compressed where that was agreed on and makes it smaller,
   * and moves both positions.
   *
   * @throws IllegalStateException if a close was sent, or a message in parts is not complete
   * @throws java.nio.BufferOverflowException if less than {@link #messageLength} bytes remain; then
   *     nothing is written
   */
  public void writeBinary(ByteBuffer payload, ByteBuffer out) {
    writeMessage(Opcode.BINARY, payload, out);
  }

  /** How many bytes a part of a message takes at most, of so many bytes. */
  public int partLength(int payloadLength) {
    return messages.partLength(payloadLength);
  }

  /**
   * Writes the next part of a text message in a frame of its own, and moves both positions. Control
   * frames may be written in between, other messages not.
   *
   * @param part may begin and end within a character; not checked
   * @param last whether it ends the message
   * @throws IllegalStateException if a close was sent
   * @throws java.nio.BufferOverflowException if less than {@link #partLength} bytes remain; then
   *     nothing is written
   */
  public void writeTextPart(ByteBuffer part, boolean last, ByteBuffer out) {
    requireCanSend();
    messages.writePart(Opcode.TEXT, part, last, out);
  }

  /** As {@link #writeTextPart}, of a binary message. */
  public void writeBinaryPart(ByteBuffer part, boolean last, ByteBuffer out) {
    requireCanSend();
    messages.writePart(Opcode.BINARY, part, last, out);
  }

  /**
   * Writes a ping, and moves both positions.
   *
   * @param payload at most 125 bytes
   * @throws IllegalArgumentException if it is longer
   * @throws IllegalStateException if a close was sent
   * @throws java.nio.BufferOverflowException if less than {@link #messageLength} bytes remain; then
   *     nothing is written
   */
  public void writePing(ByteBuffer payload, ByteBuffer out) {
    writeControl(Opcode.PING, payload, out);
  }

  /**
   * As {@link #writePing}, a pong that nobody asked for, and nobody answers (RFC 6455 section
   * 5.5.3).
   */
  public void writePong(ByteBuffer payload, ByteBuffer out) {
    writeControl(Opcode.PONG, payload, out);
  }

  /**
   * Writes a close frame, after which nothing can be sent but pongs. A close reply that was waiting
   * is superseded. Writes nothing if a close was sent already.
   *
   * @param code one of {@link CloseCode}, or 3000 to 4999
   * @param reason cut at the last character that fits into 123 bytes
   * @throws IllegalArgumentException if the code may not be sent
   * @throws java.nio.BufferOverflowException if there is too little room, which {@link
   *     #MAX_CONTROL_LENGTH} bytes never are; then nothing is written
   */
  public void writeClose(int code, String reason, ByteBuffer out) {
    CloseStatus status = CloseStatus.toSend(code, reason);
    if (!closeSent) {
      writeClose(status, out);
      reply = Reply.NONE;
    }
  }

  /**
   * Whether a message or a frame has begun to come and hasn't ended: the peer should go on with it,
   * and the driver shouldn't wait for ever.
   */
  public boolean isWithinMessage() {
    return receiver.isWithinMessage();
  }

  /** How many bytes have come of the message that isn't complete. */
  public int assembledLength() {
    return receiver.assembledLength();
  }

  /** Whether no close was sent yet. */
  public boolean canSend() {
    return !closeSent;
  }

  /**
   * Whether it is this endpoint's turn to close the transport: a server's, when a close frame was
   * received or a rule was broken, and its own close was written. A client leaves it to the server
   * (RFC 6455 section 7.1.1).
   */
  public boolean shouldCloseTransport() {
    return isServer && closeSent && isOver();
  }

  /**
   * Whether a close was sent and the peer's turn is now: to send its close frame, or, if it is the
   * server, to close the transport. The driver should not wait for ever.
   */
  public boolean awaitingClose() {
    return closeSent && !shouldCloseTransport();
  }

  /**
   * Gives up what compression with context takeover holds; without, that is nothing between
   * messages. To be called when the transport is closed; then nothing else may be.
   */
  public void release() {
    receiver.release();
    messages.release();
  }

  private boolean isOver() {
    return receiver instanceof Discarder;
  }

  private void writeMessage(int opcode, ByteBuffer payload, ByteBuffer out) {
    requireCanSend();
    messages.write(opcode, payload, out);
  }

  private void writeControl(int opcode, ByteBuffer payload, ByteBuffer out) {
    if (payload.remaining() > FrameHeader.MAX_SHORT) {
      throw new IllegalArgumentException("A control frame carries at most 125 bytes");
    }
    requireCanSend();
    messages.frames().writePart(opcode, true, payload, out);
  }

  private void requireCanSend() {
    if (closeSent) {
      throw new IllegalStateException("Nothing can be sent after a close");
    }
  }

  private void writeClose(CloseStatus status, ByteBuffer out) {
    byte[] payload = status.toPayload();
    messages.frames().write(Opcode.CLOSE, ByteBuffer.wrap(payload), 0, payload.length, out);
    closeSent = true;
  }
}
