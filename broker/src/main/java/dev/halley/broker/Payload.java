package dev.halley.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one publication, how they are to be read, and the trace that they are part of, if
 * whoever published them named one. Immutable.
 */
public final class Payload {
  /** How a payload's bytes are to be read. */
  public enum Type {
    /** UTF-8 text. */
    TEXT,
    /** UTF-8 text that is one JSON value. */
    JSON,
    /** Any bytes. */
    BINARY
  }

  private final Type type;
  private final byte[] bytes;

  /** In most there is none, and a reference fits into what the object takes anyway. */
  private final @Nullable TraceContext trace;

  private Payload(Type type, byte[] bytes, @Nullable TraceContext trace) {
    this.type = type;
    this.bytes = bytes;
    this.trace = trace;
  }

  /**
   * A payload over {@code bytes}, which are not copied: the caller must not change them any more.
   * That text is UTF-8 and JSON is JSON is the caller's to check.
   */
  public static Payload wrap(Type type, byte[] bytes) {
    return new Payload(type, bytes, null);
  }

  /** A text payload. */
  public static Payload text(String text) {
    return wrap(Type.TEXT, text.getBytes(UTF_8));
  }

  /** A payload that is one JSON value, which the caller has checked. */
  public static Payload json(String json) {
    return wrap(Type.JSON, json.getBytes(UTF_8));
  }

  /** A binary payload with a copy of {@code bytes}. */
  public static Payload binary(byte[] bytes) {
    return wrap(Type.BINARY, bytes.clone());
  }

  /** The same bytes as part of a trace, if there is one. */
  public Payload tracedBy(Optional<TraceContext> context) {
    return context.isEmpty() ? this : new Payload(type, bytes, context.get());
  }

  /** The trace that it is part of. */
  public Optional<TraceContext> trace() {
    return Optional.ofNullable(trace);
  }

  /** How many bytes count as kept: those of the payload, and what its trace takes. */
  int keptBytes() {
    return trace == null ? bytes.length : bytes.length + trace.cost();
  }

  /**
   * The same for equal types and bytes, and another one for others but for one chance in 2^64. The
   * trace doesn't count: each try of a publication may be a part of another one.
   */
  long fingerprint() {
    ByteBuffer words = ByteBuffer.wrap(bytes);
    long hash = mix(((long) type.name().hashCode() << Integer.SIZE) ^ bytes.length);
    while (words.remaining() >= Long.BYTES) {
      hash = mix(hash ^ words.getLong());
    }
    while (words.hasRemaining()) {
      hash = mix(hash ^ words.get());
    }
    return hash;
  }

  /** One to one, so what differs stays different (the finisher of MurmurHash3). */
  private static long mix(long word) {
    long z = (word ^ (word >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }

  /** How the bytes are to be read. */
  public Type type() {
    return type;
  }

  /** The number of bytes. */
  public int size() {
    return bytes.length;
  }

  /** The byte at {@code index}, from 0 to {@code size() - 1}. */
  public byte byteAt(int index) {
    return bytes[index];
  }

  /** Puts all bytes into {@code out} at its position, which moves on. */
  public void writeTo(ByteBuffer out) {
    out.put(bytes);
  }

  /**
   * Puts {@code length} bytes from index {@code from} on into {@code out} at its position, which
   * moves on.
   */
  public void writeTo(ByteBuffer out, int from, int length) {
    out.put(bytes, from, length);
  }

  /** A read-only view of the bytes. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** The bytes as UTF-8 text; malformed input becomes U+FFFD. */
  public String asText() {
    return new String(bytes, UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that
        && type == that.type
        && Arrays.equals(bytes, that.bytes)
        && Objects.equals(trace, that.trace);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return type + "[" + bytes.length + " bytes]";
  }
}
