package dev.halley.inspector.pcap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A TCP segment out of a captured packet.
 *
 * @param payload where its bytes are, as far as they were captured
 * @param length how many payload bytes there were
 */
record TcpPacket(
    long micros, Flow flow, int seq, int ack, int flags, ByteBuffer payload, int length) {
  private static final int NULL = 0;
  private static final int ETHERNET = 1;
  private static final int RAW_BSD = 12;
  private static final int RAW_OPENBSD = 14;
  private static final int RAW = 101;
  private static final int LOOP = 108;
  private static final int LINUX_COOKED = 113;
  private static final int IPV4 = 228;
  private static final int IPV6 = 229;
  private static final int LINUX_COOKED_2 = 276;
  private static final int TCP = 6;

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Reads a packet; empty if it is no TCP, a fragment, or cut within its headers. */
  static Optional<TcpPacket> read(CapturedPacket packet) {
    ByteBuffer bytes = packet.bytes();
    try {
      int at = ipAt(packet.linkType(), bytes);
      if (at < 0) {
        return Optional.empty();
      }
      return switch (bytes.get(at) >>> 4 & 0xf) {
        case 4 -> ipv4(packet.micros(), bytes, at);
        case 6 -> ipv6(packet.micros(), bytes, at);
        default -> Optional.empty();
      };
    } catch (IndexOutOfBoundsException | IllegalArgumentException | UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static int ipAt(int linkType, ByteBuffer bytes) {
    return switch (linkType) {
      case RAW, RAW_BSD, RAW_OPENBSD, IPV4, IPV6 -> 0;
      case NULL, LOOP -> 4;
      case LINUX_COOKED -> 16;
      case LINUX_COOKED_2 -> 20;
      case ETHERNET -> {
        int at = 12;
        int type = bytes.getShort(at) & 0xffff;
        while (type == 0x8100 || type == 0x88a8) {
          at += 4;
          type = bytes.getShort(at) & 0xffff;
        }
        yield type == 0x0800 || type == 0x86dd ? at + 2 : -1;
      }
      default -> -1;
    };
  }

  private static Optional<TcpPacket> ipv4(long micros, ByteBuffer bytes, int at)
      throws UnknownHostException {
    boolean isFragment = (bytes.getShort(at + 6) & 0x3fff) != 0;
    if (bytes.get(at + 9) != TCP || isFragment) {
      return Optional.empty();
    }
    int total = bytes.getShort(at + 2) & 0xffff;
    // A packet that the network card was to split may have no length yet.
    int end = at + (total == 0 ? bytes.limit() - at : total);
    int tcp = at + (bytes.get(at) & 0xf) * 4;
    return tcp(micros, bytes, address(bytes, at + 12, 4), address(bytes, at + 16, 4), tcp, end);
  }

  private static Optional<TcpPacket> ipv6(long micros, ByteBuffer bytes, int at)
      throws UnknownHostException {
    int length = bytes.getShort(at + 4) & 0xffff;
    int end = length == 0 ? bytes.limit() : at + 40 + length;
    int next = bytes.get(at + 6) & 0xff;
    int tcp = at + 40;
    while (next == 0 || next == 43 || next == 60) {
      next = bytes.get(tcp) & 0xff;
      tcp += ((bytes.get(tcp + 1) & 0xff) + 1) * 8;
    }
    return next == TCP
        ? tcp(micros, bytes, address(bytes, at + 8, 16), address(bytes, at + 24, 16), tcp, end)
        : Optional.empty();
  }

  private static InetAddress address(ByteBuffer bytes, int at, int length)
      throws UnknownHostException {
    byte[] address = new byte[length];
    bytes.get(at, address);
    return InetAddress.getByAddress(address);
  }

  private static Optional<TcpPacket> tcp(
      long micros, ByteBuffer bytes, InetAddress from, InetAddress to, int at, int end) {
    Flow flow =
        new Flow(
            new InetSocketAddress(from, bytes.getShort(at) & 0xffff),
            new InetSocketAddress(to, bytes.getShort(at + 2) & 0xffff));
    int data = at + (bytes.get(at + 12) >>> 4 & 0xf) * 4;
    if (data > end) {
      return Optional.empty();
    }
    int captured = Math.max(0, Math.min(end, bytes.limit()) - data);
    ByteBuffer payload =
        captured == 0 ? ByteBuffer.allocate(0) : bytes.slice(data, captured).asReadOnlyBuffer();
    return Optional.of(
        new TcpPacket(
            micros,
            flow,
            bytes.getInt(at + 4),
            bytes.getInt(at + 8),
            bytes.get(at + 13) & 0x3f,
            payload,
            end - data));
  }
}
