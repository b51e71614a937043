package dev.halley.inspector.dissect;

import dev.halley.inspector.Breach;
import dev.halley.inspector.FrameBits;
import dev.halley.inspector.Snippet;
import dev.halley.inspector.TapEvent.MessagePart;
import dev.halley.inspector.dissect.Inflation.Outcome;
import dev.halley.websocket.FrameHeader;
import dev.halley.websocket.Opcode;
import dev.halley.websocket.Rule;
import dev.halley.websocket.Utf8Validator;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Which frames are one message (RFC 6455 section 5.4), and what is in it. */
final class MessageTracker {
  private static final int RSV1 = FrameHeader.RSV1 >>> 4;

  private final Optional<Inflation> inflation;
  private final Cut inflated;
  private final TokenMask mask;

  private long number;

  // of the message that has begun, if one has
  private boolean within;
  private int opcode;
  private int fragments;
  private long length;
  private boolean compressed;
  private int utf8 = Utf8Validator.COMPLETE;
  private boolean utf8IsTold;

  MessageTracker(Optional<Inflation> inflation, Options options) {
    this.inflation = inflation;
    mask = new TokenMask(options.showSecrets());
    inflated = new Cut(options.cut());
  }

  /** RSV1 in a message's first frame says that it is compressed (RFC 7692 section 6). */
  boolean allowsReservedBits(FrameBits bits) {
    return inflation.isPresent()
        && bits.rsv() == RSV1
        && !bits.isControl()
        && bits.opcode() != Opcode.CONTINUATION
        && bits.opcode() <= Opcode.BINARY;
  }

  /** A data frame begins; says of which message it is a part. */
  MessagePart begin(FrameBits bits, List<Breach> breaches) {
    boolean first = bits.opcode() != Opcode.CONTINUATION;
    if (!first && !within) {
      breaches.add(Breach.of(Rule.CONTINUES_SOMETHING));
      return MessagePart.NONE;
    }
    if (first && bits.opcode() > Opcode.BINARY) {
      return MessagePart.NONE;
    }
    if (first) {
      if (within) {
        breaches.add(Breach.of(Rule.ONE_MESSAGE_AT_A_TIME));
        inflation.ifPresent(Inflation::abandon);
      }
      within = true;
      number++;
      opcode = bits.opcode();
      fragments = 0;
      length = 0;
      compressed = inflation.isPresent() && (bits.rsv() & RSV1) != 0;
      utf8 = Utf8Validator.COMPLETE;
      utf8IsTold = false;
      inflated.take();
      mask.restart();
    }
    fragments++;
    length += Math.max(0, bits.length());
    return new MessagePart(number, fragments, opcode, length, compressed);
  }

  /** Whether the payload's bytes say more than how many they are. */
  boolean looksInside() {
    return compressed || opcode == Opcode.TEXT;
  }

  /** Unmasked bytes of the message. */
  void payload(byte[] bytes, int count, List<Breach> breaches) {
    if (compressed) {
      inflation.ifPresent(it -> inflate(it, bytes, count, breaches));
    } else {
      text(bytes, count, breaches);
    }
  }

  /** The message is complete; what it was inflated to, if it was. */
  Optional<Snippet> end(List<Breach> breaches) {
    within = false;
    Optional<Snippet> content = Optional.empty();
    if (compressed) {
      Outcome outcome = inflation.map(it -> it.end(this::inflated)).orElse(Outcome.GIVEN_UP);
      if (outcome == Outcome.FINE) {
        content = Optional.of(inflated.take());
      } else if (outcome == Outcome.BROKEN) {
        breaches.add(Breach.of(Rule.COMPRESSED_DATA));
      }
    }
    boolean readWhole = !compressed || content.isPresent();
    if (opcode == Opcode.TEXT && readWhole && utf8 != Utf8Validator.COMPLETE) {
      tellUtf8(breaches);
    }
    return content;
  }

  void release() {
    inflation.ifPresent(Inflation::release);
  }

  private void inflate(Inflation it, byte[] bytes, int count, List<Breach> breaches) {
    if (it.feed(bytes, count, this::inflated) == Outcome.BROKEN) {
      breaches.add(Breach.of(Rule.COMPRESSED_DATA));
    }
    if (utf8 == Utf8Validator.BROKEN) {
      tellUtf8(breaches);
    }
  }

  private void inflated(byte[] bytes, int count) {
    if (opcode == Opcode.TEXT) {
      utf8 = Utf8Validator.advance(utf8, ByteBuffer.wrap(bytes), 0, count);
    }
    if (inflated.hasRoom()) {
      mask.apply(bytes, 0, count);
      inflated.add(bytes, 0, count);
    } else {
      inflated.skip(count);
    }
  }

  private void text(byte[] bytes, int count, List<Breach> breaches) {
    utf8 = Utf8Validator.advance(utf8, ByteBuffer.wrap(bytes), 0, count);
    if (utf8 == Utf8Validator.BROKEN) {
      tellUtf8(breaches);
    }
  }

  private void tellUtf8(List<Breach> breaches) {
    if (!utf8IsTold) {
      utf8IsTold = true;
      breaches.add(Breach.of(Rule.TEXT_IS_UTF_8));
    }
  }
}
