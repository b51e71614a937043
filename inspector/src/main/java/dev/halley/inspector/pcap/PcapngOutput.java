package dev.halley.inspector.pcap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes the pcapng format: one section, one interface whose packets begin with IP, times in
 * microseconds (draft-ietf-opsawg-pcapng).
 */
final class PcapngOutput implements Closeable {
  private static final int SECTION_HEADER = 0x0a0d0d0a;
  private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  private static final int INTERFACE = 1;
  private static final int ENHANCED_PACKET = 6;
  private static final int INTERFACE_STATISTICS = 5;
  private static final int RAW_IP = 101;
  private static final int OPTION_USER_APPLICATION = 4;
  private static final int OPTION_INTERFACE_DROPPED = 5;

  private final OutputStream out;

  PcapngOutput(OutputStream out, String application) throws IOException {
    this.out = out;
    byte[] name = application.getBytes(UTF_8);
    ByteBuffer section = ByteBuffer.allocate(16 + 4 + padded(name.length) + 4);
    section.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
    section.putShort((short) OPTION_USER_APPLICATION).putShort((short) name.length).put(name);
    block(SECTION_HEADER, section.array());
    ByteBuffer description = ByteBuffer.allocate(8);
    description.putShort((short) RAW_IP).putShort((short) 0).putInt(0);
    block(INTERFACE, description.array());
  }

  void packet(long micros, byte[] packet) throws IOException {
    ByteBuffer body = ByteBuffer.allocate(20 + padded(packet.length));
    body.putInt(0).putLong(micros).putInt(packet.length).putInt(packet.length).put(packet);
    block(ENHANCED_PACKET, body.array());
  }

  /** How many packets are missing because the disk was slower than the traffic. */
  void dropped(long micros, long packets) throws IOException {
    ByteBuffer body = ByteBuffer.allocate(12 + 12 + 4);
    body.putInt(0).putLong(micros);
    body.putShort((short) OPTION_INTERFACE_DROPPED).putShort((short) 8).putLong(packets);
    block(INTERFACE_STATISTICS, body.array());
  }

  void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void block(int type, byte[] body) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(12 + body.length);
    block.putInt(type).putInt(block.capacity()).put(body).putInt(block.capacity());
    out.write(block.array());
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }
}
