package dev.halley.inspector.pcap;

import java.nio.ByteBuffer;

/** Makes IP packets of segments (RFC 791, RFC 8200, RFC 9293), with the checksums they need. */
final class Packets {
  /** So much payload fits a packet of 65,535 bytes with either version's header and no options. */
  static final int MOST_PAYLOAD = 65_535 - 40 - 20;

  private static final int TCP = 6;
  private static final int HOPS = 64;
  private static final int WINDOW = 0xffff;

  /** Largest segment, and a window that is scaled by 128, as in real handshakes. */
  private static final byte[] SYN_OPTIONS = {2, 4, (byte) 0xff, (byte) 0xd7, 1, 3, 3, 7};

  private Packets() {}

  static byte[] of(Segment segment) {
    byte[] from = segment.flow().from().getAddress().getAddress();
    byte[] to = segment.flow().to().getAddress().getAddress();
    byte[] tcp = tcp(segment);
    int length = tcp.length + segment.payload().remaining();
    ByteBuffer packet = ByteBuffer.allocate((from.length == 4 ? 20 : 40) + length);
    if (from.length == 4) {
      putIpv4(packet, from, to);
    } else {
      putIpv6(packet, from, to, length);
    }
    int at = packet.position();
    packet.put(tcp).put(segment.payload().duplicate());
    long sum = sum(from, 0) + sum(to, 0) + TCP + length;
    sum += sum(packet.array(), at);
    packet.putShort(at + 16, checksum(sum));
    return packet.array();
  }

  private static void putIpv4(ByteBuffer packet, byte[] from, byte[] to) {
    packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
    packet.putShort((short) 0).putShort((short) 0x4000); // not to be fragmented
    packet.put((byte) HOPS).put((byte) TCP).putShort((short) 0).put(from).put(to);
    byte[] header = new byte[20];
    packet.get(0, header);
    packet.putShort(10, checksum(sum(header, 0)));
  }

  private static void putIpv6(ByteBuffer packet, byte[] from, byte[] to, int length) {
    packet.putInt(0x6000_0000).putShort((short) length).put((byte) TCP).put((byte) HOPS);
    packet.put(from).put(to);
  }

  private static byte[] tcp(Segment segment) {
    boolean syn = (segment.flags() & TcpFlags.SYN) != 0;
    int length = 20 + (syn ? SYN_OPTIONS.length : 0);
    ByteBuffer out = ByteBuffer.allocate(length);
    out.putShort((short) segment.flow().from().getPort());
    out.putShort((short) segment.flow().to().getPort());
    out.putInt(segment.seq());
    out.putInt((segment.flags() & TcpFlags.ACK) == 0 ? 0 : segment.ack());
    out.put((byte) (length << 2)).put((byte) segment.flags());
    out.putShort((short) WINDOW).putInt(0);
    if (syn) {
      out.put(SYN_OPTIONS);
    }
    return out.array();
  }

  /** Of 16-bit words, two at a time, from an index on; an odd byte counts as the upper one. */
  private static long sum(byte[] bytes, int from) {
    ByteBuffer words = ByteBuffer.wrap(bytes, from, bytes.length - from);
    long sum = 0;
    while (words.remaining() >= Integer.BYTES) {
      sum += words.getInt() & 0xffff_ffffL;
    }
    for (int shift = 24; words.hasRemaining(); shift -= 8) {
      sum += (words.get() & 0xffL) << shift;
    }
    return sum;
  }

  private static short checksum(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (short) ~folded;
  }
}
