package dev.halley.server.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelConfig;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadSizesTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ChannelConfig config = channel.config();
  private final ReadSizes.Sizes sizes = new ReadSizes.Sizes();

  @BeforeEach
  void begin() {
    sizes.reset(config);
  }

  @AfterEach
  void end() {
    channel.close();
  }

  private void read(int bytes) {
    sizes.attemptedBytesRead(sizes.guess());
    sizes.lastBytesRead(bytes);
    sizes.incMessagesRead(1);
  }

  @Test
  void aFilledBufferMakesTheNextOneTwiceAsLargeUpToABound() {
    int first = sizes.guess();
    read(first);
    assertThat(sizes.guess()).isEqualTo(2 * first);
    for (int i = 0; i < 20; i++) {
      read(sizes.guess());
    }
    assertThat(sizes.guess()).isEqualTo(64 << 10);
  }

  @Test
  void twoSmallReadsInARowMakeItHalfAsLargeDownToABound() {
    int first = sizes.guess();
    read(10);
    assertThat(sizes.guess()).isEqualTo(first);
    read(first - 1);
    read(10);
    assertThat(sizes.guess()).isEqualTo(first);
    read(10);
    assertThat(sizes.guess()).isEqualTo(first / 2);
    for (int i = 0; i < 20; i++) {
      read(1);
    }
    assertThat(sizes.guess()).isEqualTo(512);
  }

  @Test
  void readingGoesOnWhileBuffersAreFilled() {
    assertThat(sizes.continueReading()).isFalse();
    read(sizes.guess());
    assertThat(sizes.continueReading()).isTrue();
    read(1);
    assertThat(sizes.continueReading()).isFalse();
    assertThat(sizes.continueReading(() -> true)).isTrue();
  }

  @Test
  void readingStopsWhenTheConnectionIsTold() {
    read(sizes.guess());
    config.setAutoRead(false);
    assertThat(sizes.continueReading()).isFalse();
  }

  @Test
  void otherConnectionsHaveTheirTurn() {
    for (int i = 0; i < 16; i++) {
      read(sizes.guess());
    }
    assertThat(sizes.continueReading()).isFalse();
    sizes.reset(config);
    read(sizes.guess());
    assertThat(sizes.continueReading()).isTrue();
  }
}
