package dev.halley.websocket;

import static java.util.Objects.requireNonNull;

import dev.halley.websocket.WebSocketProtocol.Event;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Data frames in, messages out, whole or in parts (RFC 6455 section 5.4, RFC 7692 section 6.2).
 *
 * <p>A message that is to be whole and was compressed is assembled as it came, and inflated when it
 * is complete: so nobody needs an inflater for longer than that.
 */
final class MessageReader extends FrameReader {
  private static final int NO_MESSAGE = 0;

  // first bytes, as a buffer gives them
  private static final byte FINAL_TEXT = (byte) (FrameHeader.FIN | Opcode.TEXT);
  private static final byte FINAL_BINARY = (byte) (FrameHeader.FIN | Opcode.BINARY);

  private final MessageLimits limits;
  private final boolean inParts;
  private final MessageMemory memory;

  /** The longest payload of the shortest form that is within the limits. */
  private final byte mostShort;

  /** Null unless permessage-deflate was agreed on. */
  private final @Nullable MessageInflater inflater;

  // of the message, which control frames may interrupt
  private byte opcode = NO_MESSAGE;
  private boolean compressed;
  private int text = Utf8Validator.COMPLETE;
  private final MessageAssembler message = new MessageAssembler();

  /** Null unless the message is compressed and wanted in parts. */
  private @Nullable InflatedParts inflatedParts;

  /**
   * A reader at a connection's begin.
   *
   * @param maskBit {@link FrameHeader#MASK} if the peer is a client, else 0
   * @param inflater for compressed messages, if they were agreed on
   */
  MessageReader(ProtocolOptions options, int maskBit, @Nullable MessageInflater inflater) {
    super(maskBit);
    limits = options.limits();
    inParts = options.inParts();
    memory = options.memory();
    int most = inParts ? FrameHeader.MAX_SHORT : Math.min(limits.frame(), limits.message());
    mostShort = (byte) Math.min(most, FrameHeader.MAX_SHORT);
    this.inflater = inflater;
  }

  @Override
  public void release() {
    if (inflater != null) {
      inflater.release();
    }
  }

  @Override
  public boolean isWithinMessage() {
    return opcode != NO_MESSAGE || isWithinFrame();
  }

  @Override
  public int assembledLength() {
    return message.length();
  }

  @Override
  Event shortMessage(ByteBuffer input) {
    int at = input.position();
    int headerLength = 2 + keyBytes();
    int left = input.limit() - at - headerLength;
    if (left < 0 || opcode != NO_MESSAGE) {
      return Event.NEED_INPUT;
    }
    int first = input.get(at);
    int second = input.get(at + 1);
    int length = second & FrameHeader.LENGTH;
    if (length > Math.min(left, mostShort) || !isMaskedAsDue(second)) {
      return Event.NEED_INPUT;
    }
    if (first == FINAL_BINARY) {
      deliver(input, at + headerLength, length);
      return Event.BINARY;
    }
    if (first == FINAL_TEXT) {
      deliver(input, at + headerLength, length);
      int end = at + headerLength + length;
      return Utf8Validator.advance(Utf8Validator.COMPLETE, input, end - length, end)
              == Utf8Validator.COMPLETE
          ? Event.TEXT
          : fails(Rule.TEXT_IS_UTF_8);
    }
    return Event.NEED_INPUT;
  }

  @Override
  boolean acceptsData(int frameOpcode, int reservedBits) {
    // RSV1 in a message's first frame says that it is compressed (RFC 7692 section 6).
    boolean first = frameOpcode != Opcode.CONTINUATION;
    int meaningful = first && inflater != null ? FrameHeader.RSV1 : 0;
    if ((reservedBits & ~meaningful) != 0) {
      return breaks(Rule.RESERVED_BITS);
    }
    boolean within = opcode != NO_MESSAGE;
    if (first && within) {
      return breaks(Rule.ONE_MESSAGE_AT_A_TIME);
    }
    if (!first && !within) {
      return breaks(Rule.CONTINUES_SOMETHING);
    }
    if (first) {
      begin(frameOpcode, reservedBits != 0);
    }
    return true;
  }

  private void begin(int messageOpcode, boolean isCompressed) {
    opcode = (byte) messageOpcode;
    compressed = isCompressed;
    if (compressed && inParts) {
      inflatedParts = new InflatedParts(requireNonNull(inflater));
    }
  }

  @Override
  boolean acceptsDataLength(long length) {
    if (inParts) {
      return true;
    }
    if (length > limits.frame()) {
      return breaks(Rule.FRAME_LIMIT);
    }
    if (length > mostAssembled() - message.length()) {
      return breaks(Rule.MESSAGE_LIMIT);
    }
    return true;
  }

  @Override
  int mostAtOnce() {
    return inflatedParts == null ? Integer.MAX_VALUE : InflatedParts.MOST_INPUT;
  }

  @Override
  Event pending() {
    return inflatedParts != null && inflatedParts.hasMore()
        ? inflatedPart(inflatedParts)
        : Event.NEED_INPUT;
  }

  /** What can't be compressed becomes a little larger by it: five bytes for each stored block. */
  private int mostAssembled() {
    int most = limits.message();
    return compressed ? (int) Math.min((long) most + (most >>> 10) + 64, Integer.MAX_VALUE) : most;
  }

  @Override
  Event data(ByteBuffer input, int available) {
    return inParts ? part(input, available) : whole(input, available);
  }

  private Event whole(ByteBuffer input, int available) {
    int at = input.position();
    if (opcode == Opcode.TEXT && !compressed) {
      text = Utf8Validator.advance(text, input, at, at + available);
      if (text == Utf8Validator.BROKEN) {
        return fails(Rule.TEXT_IS_UTF_8);
      }
    }
    boolean complete = left() == 0 && isFinal();
    if (!complete || message.length() > 0) {
      int most = isFinal() ? message.length() + available + (int) left() : mostAssembled();
      if (!hasMemory(available, most)) {
        return fails(Rule.MEMORY);
      }
      message.append(input, available, most);
    }
    if (complete) {
      if (message.length() > 0) {
        deliver(message.take());
      } else {
        deliver(input, available);
      }
      return compressed && !inflates() ? Event.FAILURE : endOfMessage();
    }
    return Event.NEED_INPUT;
  }

  /** While it grows, what was assembled is there twice. */
  private boolean hasMemory(int length, int most) {
    int capacity = message.capacity();
    int grown = message.capacityFor(length, most);
    return grown == capacity || (memory.mayHold((long) capacity + grown) && memory.mayHold(grown));
  }

  /** Puts the message in place of what it was compressed to; false if that can't be. */
  private boolean inflates() {
    MessageInflater working = requireNonNull(inflater);
    try {
      ByteBuffer compressedBytes = payloadBuffer().slice(payloadOffset(), payloadLength());
      Optional<ByteBuffer> inflated =
          working.message(compressedBytes, limits.message(), memory, payloadLength());
      if (inflated.isEmpty()) {
        return breaks(working.lacksMemory() ? Rule.MEMORY : Rule.MESSAGE_LIMIT);
      }
      deliver(inflated.get());
    } catch (DataFormatException e) {
      return breaks(Rule.COMPRESSED_DATA);
    }
    if (opcode == Opcode.TEXT) {
      text = Utf8Validator.advance(text, payloadBuffer(), 0, payloadLength());
    }
    return true;
  }

  // ---- data in parts

  private Event part(ByteBuffer input, int available) {
    boolean last = left() == 0 && isFinal();
    if (inflatedParts != null) {
      inflatedParts.feed(input, available, last);
      return inflatedPart(inflatedParts);
    }
    deliver(input, available);
    return endOfPart(last);
  }

  private Event inflatedPart(InflatedParts parts) {
    try {
      deliver(parts.next());
    } catch (DataFormatException e) {
      return fails(Rule.COMPRESSED_DATA);
    }
    return endOfPart(parts.isComplete());
  }

  private Event endOfPart(boolean last) {
    boolean isText = opcode == Opcode.TEXT;
    if (isText) {
      int end = payloadOffset() + payloadLength();
      text = Utf8Validator.advance(text, payloadBuffer(), payloadOffset(), end);
      if (text == Utf8Validator.BROKEN) {
        return fails(Rule.TEXT_IS_UTF_8);
      }
    }
    if (last) {
      inflatedParts = null;
      return endOfMessage();
    }
    if (payloadLength() == 0) {
      return Event.NEED_INPUT;
    }
    return isText ? Event.TEXT_PART : Event.BINARY_PART;
  }

  private Event endOfMessage() {
    if (text != Utf8Validator.COMPLETE) {
      return fails(Rule.TEXT_IS_UTF_8);
    }
    Event event = opcode == Opcode.TEXT ? Event.TEXT : Event.BINARY;
    opcode = NO_MESSAGE;
    return event;
  }
}
