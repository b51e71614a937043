package dev.halley.showcase.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Payload;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * One message in the chat's file.
 *
 * <pre>
 * 4 bytes   length of what follows the checksum
 * 4 bytes   CRC-32 of that
 * 1 byte    type of the payload: T, J or B
 * 2 bytes   length of the channel's name, and the name
 * 2 bytes   length of the idempotency key, and the key
 * the rest  payload
 * </pre>
 *
 * @param key with which it was published, and will be again: so neither the sender's retry nor a
 *     second reading of the file says anything twice
 */
record ArchiveRecord(String channel, String key, Payload payload) {
  private static final int HEAD = 8;

  /** Payloads and keys that are larger are not kept. */
  static final int MAX_PAYLOAD = 8 << 10;

  private static final int MAX_KEY = 256;
  private static final int MAX_LENGTH = MAX_PAYLOAD + 2 * MAX_KEY + 1_024;

  /** Whether the file takes it. */
  static boolean fits(String key, Payload payload) {
    return payload.size() <= MAX_PAYLOAD && key.length() <= MAX_KEY;
  }

  /** Its bytes, ready to be read. */
  ByteBuffer encode() {
    byte[] channelBytes = channel.getBytes(UTF_8);
    byte[] keyBytes = key.getBytes(UTF_8);
    int length = 1 + 2 + channelBytes.length + 2 + keyBytes.length + payload.size();
    ByteBuffer out = ByteBuffer.allocate(HEAD + length);
    out.position(HEAD);
    out.put(letter(payload.type()));
    out.putShort((short) channelBytes.length).put(channelBytes);
    out.putShort((short) keyBytes.length).put(keyBytes);
    payload.writeTo(out);
    out.putInt(0, length).putInt(4, checksum(out.slice(HEAD, length)));
    return out.flip();
  }

  /**
   * Reads one, and moves on behind it.
   *
   * @return empty if what stands there is not a whole record: the file was cut off while it was
   *     written, or has been damaged
   */
  static Optional<ArchiveRecord> decode(ByteBuffer in) {
    if (in.remaining() < HEAD) {
      return Optional.empty();
    }
    int length = in.getInt(in.position());
    if (length < 0 || length > MAX_LENGTH || length > in.remaining() - HEAD) {
      return Optional.empty();
    }
    ByteBuffer body = in.slice(in.position() + HEAD, length);
    if (checksum(body.duplicate()) != in.getInt(in.position() + 4)) {
      return Optional.empty();
    }
    try {
      ArchiveRecord record = read(body);
      in.position(in.position() + HEAD + length);
      return Optional.of(record);
    } catch (BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static ArchiveRecord read(ByteBuffer body) {
    Payload.Type type = type(body.get());
    String channel = text(body);
    String key = text(body);
    byte[] payload = new byte[body.remaining()];
    body.get(payload);
    return new ArchiveRecord(channel, key, Payload.wrap(type, payload));
  }

  private static byte letter(Payload.Type type) {
    return switch (type) {
      case TEXT -> 'T';
      case JSON -> 'J';
      case BINARY -> 'B';
    };
  }

  private static Payload.Type type(byte letter) {
    return switch (letter) {
      case 'T' -> Payload.Type.TEXT;
      case 'J' -> Payload.Type.JSON;
      default -> Payload.Type.BINARY;
    };
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[Short.toUnsignedInt(body.getShort())];
    body.get(bytes);
    return new String(bytes, UTF_8);
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
