package dev.halley.server.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is read in the kernel's {@code struct tcp_info}. */
class TcpStateTest {
  private final ByteBuffer info = ByteBuffer.allocate(152).order(ByteOrder.nativeOrder());

  @Test
  void whoAnswersHasLeftNothingUnanswered() {
    // No ACK for long, but nothing was asked again: a closed window is probed ever more rarely.
    info.putInt(56, 100_000).putInt(144, 5);
    TcpState state = TcpState.parse(info);
    assertThat(state.unansweredNanos()).isZero();
    assertThat(state.isAllAcked()).isFalse();
  }

  @Test
  void whoDoesntAnswerWhatWasSentAgainIsSilentSinceTheLastAck() {
    info.put(2, (byte) 3).putInt(24, 1).putInt(56, 91_000);
    TcpState state = TcpState.parse(info);
    assertThat(state.unansweredNanos()).isEqualTo(Duration.ofSeconds(91).toNanos());
    assertThat(state.isAllAcked()).isFalse();
  }

  @Test
  void whoDoesntAnswerAProbeIsSilent() {
    info.put(3, (byte) 1).putInt(56, 30_000);
    assertThat(TcpState.parse(info).unansweredNanos()).isEqualTo(Duration.ofSeconds(30).toNanos());
  }

  @Test
  void whatWasAcknowledgedIsCounted() {
    info.putLong(120, 1L << 40);
    TcpState state = TcpState.parse(info);
    assertThat(state.ackedBytes()).isEqualTo(1L << 40);
    assertThat(state.isAllAcked()).isTrue();
  }
}
