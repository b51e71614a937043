package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamPositionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "k3f9:0",
        "k3f9:41",
        "a:1",
        "0123456789abcdefghijklmnopqrstuv:7",
        "wxyz:999999999999999999"
      })
  void whatIsPrintedIsReadBack(String text) {
    assertThat(StreamPosition.parse(text)).hasToString(text);
  }

  @Test
  void epochAndOffsetAreTold() {
    assertThat(StreamPosition.parse("k3f9:41")).isEqualTo(new StreamPosition("k3f9", 41));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "k3f9",
        "k3f9:",
        ":1",
        "k3f9:-1",
        "k3f9:+1",
        "k3f9: 1",
        "k3f9:1 ",
        "k3f9:1:2",
        "k3f9:0x1",
        "k3f9:\u0661",
        "k3f9:1000000000000000000",
        "K3F9:1",
        "k-f9:1",
        "k\u00e4:1",
        "0123456789abcdefghijklmnopqrstuvw:1"
      })
  void whatIsNoPositionIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> StreamPosition.parse(text));
  }

  @Test
  void anEpochIsNeverEmptyAndAnOffsetNeverNegative() {
    assertThatIllegalArgumentException().isThrownBy(() -> new StreamPosition("", 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new StreamPosition("a", -1));
  }

  @Test
  void theNextOneHasTheNextOffset() {
    assertThat(new StreamPosition("a", 41).next()).isEqualTo(new StreamPosition("a", 42));
  }

  @Test
  void onlyTheEpochMakesTheLifeOfALog() {
    StreamPosition position = new StreamPosition("a", 1);
    assertThat(position.sameEpoch(new StreamPosition("a", 2))).isTrue();
    assertThat(position.sameEpoch(new StreamPosition("b", 1))).isFalse();
  }

  @Test
  void whateverFollowsAPositionCanBeParsedAgain() {
    StreamPosition last = StreamPosition.parse("e:999999999999999999");

    assertThat(StreamPosition.parse(last.next().toString())).isEqualTo(last);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StreamPosition("e", last.offset() + 1));
  }
}
