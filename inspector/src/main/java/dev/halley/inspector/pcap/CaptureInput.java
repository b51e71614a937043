package dev.halley.inspector.pcap;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads pcap and pcapng, of either byte order (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
 */
final class CaptureInput {
  private static final int PCAP_MICROS = 0xa1b2c3d4;
  private static final int PCAP_NANOS = 0xa1b23c4d;
  private static final int SECTION_HEADER = 0x0a0d0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int OPTION_RESOLUTION = 9;
  private static final int OPTION_OFFSET = 14;
  private static final int MOST_BLOCK = 64 << 20;
  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

  private final InputStream in;
  private ByteOrder order = ByteOrder.BIG_ENDIAN;
  private final boolean isPcapng;
  private final List<Interface> interfaces = new ArrayList<>();
  private long lastMicros;

  /** What a packet's link type and time mean. */
  private record Interface(int linkType, BigInteger ticksPerSecond, long offsetSeconds) {
    long micros(long ticks) {
      BigInteger unsigned = new BigInteger(Long.toUnsignedString(ticks));
      return unsigned.multiply(MILLION).divide(ticksPerSecond).longValue()
          + offsetSeconds * 1_000_000;
    }
  }

  CaptureInput(InputStream in) throws IOException {
    this.in = in;
    int magic = ByteBuffer.wrap(need(4)).getInt();
    isPcapng = magic == SECTION_HEADER;
    if (isPcapng) {
      sectionHeader();
    } else {
      pcapHeader(magic);
    }
  }

  private void pcapHeader(int magic) throws IOException {
    boolean swapped =
        Integer.reverseBytes(magic) == PCAP_MICROS || Integer.reverseBytes(magic) == PCAP_NANOS;
    order = swapped ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    int readable = swapped ? Integer.reverseBytes(magic) : magic;
    if (readable != PCAP_MICROS && readable != PCAP_NANOS) {
      throw new IOException("neither pcap nor pcapng");
    }
    ByteBuffer header = buffer(need(20));
    long ticks = readable == PCAP_NANOS ? 1_000_000_000 : 1_000_000;
    interfaces.add(new Interface(header.getInt(16) & 0x0fff_ffff, BigInteger.valueOf(ticks), 0));
  }

  /** The next packet; empty at the file's end, also if that is within a packet. */
  Optional<CapturedPacket> next() throws IOException {
    try {
      return isPcapng ? nextBlock() : nextRecord();
    } catch (EOFException e) {
      return Optional.empty();
    }
  }

  // ---- pcap

  private Optional<CapturedPacket> nextRecord() throws IOException {
    ByteBuffer header = buffer(need(16));
    Interface it = interfaces.getFirst();
    long fraction = header.getInt(4) & 0xffff_ffffL;
    long micros =
        (header.getInt(0) & 0xffff_ffffL) * 1_000_000
            + fraction * 1_000_000 / it.ticksPerSecond().longValue();
    byte[] bytes = need(size(header.getInt(8)));
    return Optional.of(new CapturedPacket(micros, it.linkType(), ByteBuffer.wrap(bytes)));
  }

  // ---- pcapng

  private Optional<CapturedPacket> nextBlock() throws IOException {
    while (true) {
      byte[] raw = need(4);
      int type = buffer(raw).getInt();
      if (ByteBuffer.wrap(raw).getInt() == SECTION_HEADER) {
        sectionHeader();
        continue;
      }
      int length = size(buffer(need(4)).getInt());
      if (length < 12) {
        throw new IOException("a block is shorter than its own frame");
      }
      ByteBuffer body = buffer(need(length - 12));
      need(4);
      Optional<CapturedPacket> packet = block(type, body);
      if (packet.isPresent()) {
        return packet;
      }
    }
  }

  private void sectionHeader() throws IOException {
    byte[] length = need(4);
    byte[] magic = need(4);
    order =
        ByteBuffer.wrap(magic).getInt() == BYTE_ORDER_MAGIC
            ? ByteOrder.BIG_ENDIAN
            : ByteOrder.LITTLE_ENDIAN;
    if (buffer(magic).getInt() != BYTE_ORDER_MAGIC) {
      throw new IOException("a section without its byte-order magic");
    }
    need(Math.max(0, size(buffer(length).getInt()) - 12));
    interfaces.clear();
  }

  private Optional<CapturedPacket> block(int type, ByteBuffer body) throws IOException {
    try {
      switch (type) {
        case INTERFACE -> interfaces.add(description(body));
        case ENHANCED_PACKET -> {
          return Optional.of(packet(body, body.getInt(0), body.getInt(12)));
        }
        case OLD_PACKET -> {
          return Optional.of(packet(body, body.getShort(0) & 0xffff, body.getInt(12)));
        }
        case SIMPLE_PACKET -> {
          byte[] bytes = new byte[Math.min(size(body.getInt(0)), body.capacity() - 4)];
          body.get(4, bytes);
          return Optional.of(
              new CapturedPacket(lastMicros, interfaceOf(0).linkType(), ByteBuffer.wrap(bytes)));
        }
        default -> {}
      }
      return Optional.empty();
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("a block is too short for what it says", e);
    }
  }

  private CapturedPacket packet(ByteBuffer body, int id, int captured) throws IOException {
    Interface it = interfaceOf(id);
    long ticks = (long) body.getInt(4) << 32 | (body.getInt(8) & 0xffff_ffffL);
    lastMicros = it.micros(ticks);
    byte[] bytes = new byte[size(captured)];
    body.get(20, bytes);
    return new CapturedPacket(lastMicros, it.linkType(), ByteBuffer.wrap(bytes));
  }

  private Interface interfaceOf(int id) throws IOException {
    if (id < 0 || id >= interfaces.size()) {
      throw new IOException("a packet of an interface that wasn't described");
    }
    return interfaces.get(id);
  }

  private static Interface description(ByteBuffer body) {
    BigInteger ticks = MILLION;
    long offset = 0;
    int at = 8;
    while (at + 4 <= body.capacity()) {
      int code = body.getShort(at) & 0xffff;
      int length = body.getShort(at + 2) & 0xffff;
      if (code == OPTION_RESOLUTION) {
        int value = body.get(at + 4);
        ticks = BigInteger.valueOf(value < 0 ? 2 : 10).pow(value & 0x7f);
      } else if (code == OPTION_OFFSET) {
        offset = body.getLong(at + 4);
      }
      at += 4 + ((length + 3) & ~3);
    }
    return new Interface(body.getShort(0) & 0xffff, ticks, offset);
  }

  // ---- bytes

  private ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(order);
  }

  private static int size(int size) throws IOException {
    if (size < 0 || size > MOST_BLOCK) {
      throw new IOException("a length of " + Integer.toUnsignedString(size) + " can't be right");
    }
    return size;
  }

  private byte[] need(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("it ends within a block");
    }
    return bytes;
  }
}
