package dev.halley.server;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Addresses that begin with the same bits: {@code 10.0.0.0/8}, {@code fd00::/8}, or one address.
 */
public final class AddressRange {
  private final byte[] first;
  private final int bits;

  private AddressRange(byte[] first, int bits) {
    this.first = first;
    this.bits = bits;
  }

  /**
   * Reads an address, or one with how many of its bits count (RFC 4632 section 3.1).
   *
   * @throws IllegalArgumentException in one line, if that is what it isn't, or if bits are set that
   *     don't count
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    byte[] address =
        address(slash < 0 ? text : text.substring(0, slash))
            .orElseThrow(() -> wrong(text, "is not an address, or one with a number of bits"))
            .getAddress();
    int all = 8 * address.length;
    int bits = slash < 0 ? all : bits(text, text.substring(slash + 1), all);
    for (int bit = bits; bit < all; bit++) {
      if ((address[bit >> 3] & (0x80 >> (bit & 7))) != 0) {
        throw wrong(text, "has bits set behind the first " + bits);
      }
    }
    return new AddressRange(address, bits);
  }

  private static int bits(String text, String number, int most) {
    if (!number.matches("[0-9]{1,3}") || Integer.parseInt(number) > most) {
      throw wrong(text, "has a number of bits that is not one from 0 to " + most);
    }
    return Integer.parseInt(number);
  }

  private static IllegalArgumentException wrong(String text, String why) {
    return new IllegalArgumentException('"' + text + "\" " + why);
  }

  /** Whether an address is one of these. */
  public boolean contains(InetAddress address) {
    byte[] other = address.getAddress();
    if (other.length != first.length) {
      return false;
    }
    int whole = bits >> 3;
    int rest = bits & 7;
    return Arrays.equals(first, 0, whole, other, 0, whole)
        && (rest == 0 || ((first[whole] ^ other[whole]) & (0xff << (8 - rest)) & 0xff) == 0);
  }

  /**
   * Reads an address in figures, never a name: nobody is asked. An IPv4 address that is written as
   * an IPv6 one becomes the IPv4 one.
   */
  public static Optional<InetAddress> address(String text) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
    try {
      return bytes == null || text.indexOf('%') >= 0
          ? Optional.empty()
          : Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
