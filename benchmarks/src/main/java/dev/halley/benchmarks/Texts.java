package dev.halley.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Texts to validate. */
final class Texts {
  private static final String ENGLISH =
      "The comet comes back every seventy-six years, and each time somebody writes it down. ";
  private static final String CHINESE = "哈雷彗星每隔七十六年回来一次，2061 年夏天还会再来；人们把它叫做 Halley，频道 chat:42 里也是。";

  private Texts() {}

  /** English: one byte a character. */
  static byte[] ascii(int length) {
    return repeat(ENGLISH, length);
  }

  /** Chinese with some ASCII in between, as in a chat. */
  static byte[] chinese(int length) {
    return repeat(CHINESE, length);
  }

  /** Ends with spaces where another whole sentence would not fit. */
  private static byte[] repeat(String sentence, int length) {
    byte[] one = sentence.getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[length];
    Arrays.fill(all, (byte) ' ');
    for (int at = 0; at + one.length <= length; at += one.length) {
      System.arraycopy(one, 0, all, at, one.length);
    }
    return all;
  }
}
