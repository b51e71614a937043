package dev.halley.showcase.game;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void ordinaryNamesStayAsTheyAre() {
    assertThat(Names.clean("Ada")).contains("Ada");
    assertThat(Names.clean("哈雷 彗星")).contains("哈雷 彗星");
    assertThat(Names.clean("Zoë")).contains("Zoë");
    assertThat(Names.clean("☄")).contains("☄");
  }

  @Test
  void aNameEndsAfterSixteenCodePoints() {
    assertThat(Names.clean("12345678901234567")).contains("1234567890123456");
    assertThat(Names.clean("😀".repeat(17))).contains("😀".repeat(16));
    assertThat(Names.clean("123456789012345 7")).contains("123456789012345");
  }

  @Test
  void spaceIsOneSpaceAndNotAtTheEnds() {
    assertThat(Names.clean("  a \t\n\u00a0\u3000 b  ")).contains("a b");
  }

  @Test
  void whatIsntSeenIsLeftOut() {
    assertThat(Names.clean("a\u0000b\u202ec\u200bd\ufefe\ud800f\ue000g")).contains("abcdfg");
  }

  @Test
  void nothingIsNoName() {
    assertThat(Names.clean("")).isEmpty();
    assertThat(Names.clean(" \u200b\u202e\u0301 ")).isEmpty();
  }

  @Test
  void aLetterHasFewMarks() {
    assertThat(Names.clean("x" + "\u0316".repeat(12) + "y"))
        .contains("x" + "\u0316".repeat(3) + "y");
  }
}
