package dev.halley.inspector.dissect;

/**
 * What stands for a compressed message (RFC 7692) in a file in which secrets are masked: as many
 * bytes, which can be inflated, to nothing but stars.
 *
 * <p>It is one block with fixed codes (RFC 1951 section 3.2.6). The code of a star is 01011010; as
 * a block begins with the bits 010, all its bytes are the same. The last two have the end of the
 * block and the begin of the empty one whose rest the receiver adds (RFC 7692 section 7.2.2).
 */
final class DeflateFiller {
  private static final byte STAR = (byte) 0xd2;
  private static final byte END = 0x02;

  private DeflateFiller() {}

  /**
   * Fills bytes of a message's frame.
   *
   * @param left how many of the frame's bytes there are from the first of these on
   * @param isLast whether it is the message's last frame
   */
  static void fill(byte[] bytes, int count, long left, boolean isLast) {
    for (int at = 0; at < count; at++) {
      long after = left - at - 1;
      bytes[at] = !isLast || after > 1 ? STAR : after == 1 ? END : 0;
    }
  }
}
