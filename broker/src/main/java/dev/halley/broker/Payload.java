package dev.halley.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of one publication and how they are to be read. Immutable. */
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

  private Payload(Type type, byte[] bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  /**
   * A payload over {@code bytes}, which are not copied: the caller must not change them any more.
   * That text is UTF-8 and JSON is JSON is the caller's to check.
   */
  public static Payload wrap(Type type, byte[] bytes) {
    return new Payload(type, bytes);
  }

  /** A text payload. */
  public static Payload text(String text) {
    return new Payload(Type.TEXT, text.getBytes(UTF_8));
  }

  /** A payload that is one JSON value, which the caller has checked. */
  public static Payload json(String json) {
    return new Payload(Type.JSON, json.getBytes(UTF_8));
  }

  /** A binary payload with a copy of {@code bytes}. */
  public static Payload binary(byte[] bytes) {
    return new Payload(Type.BINARY, bytes.clone());
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
    return other instanceof Payload that && type == that.type && Arrays.equals(bytes, that.bytes);
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
