package dev.halley.server.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopMetersTest {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static long entries(DurationHistogram histogram) {
    long[] counts = new long[DurationHistogram.boundsInSeconds().length];
    histogram.addCounts(counts);
    return Arrays.stream(counts).sum();
  }

  @Test
  void aLoopThatRunsNothingForTenSecondsIsStuck() {
    LoopMeters meters = new LoopMeters(loops.next(), 1);
    while (entries(meters.lag()) == 0) {
      Thread.onSpinWait();
    }
    long now = System.nanoTime();
    assertThat(meters.isStuck(now)).isFalse();
    assertThat(meters.isStuck(now + TimeUnit.SECONDS.toNanos(11))).isTrue();
  }

  @Test
  void aDurationIsCountedInTheFirstBucketThatHoldsIt() {
    DurationHistogram histogram = new DurationHistogram();
    histogram.record(TimeUnit.MICROSECONDS.toNanos(10));
    histogram.record(TimeUnit.MICROSECONDS.toNanos(10) + 1);
    histogram.record(-5);
    histogram.record(TimeUnit.SECONDS.toNanos(11));

    double[] bounds = DurationHistogram.boundsInSeconds();
    long[] counts = new long[bounds.length];
    histogram.addCounts(counts);

    assertThat(counts[0]).isEqualTo(2);
    assertThat(counts[1]).isEqualTo(1);
    assertThat(counts[counts.length - 1]).isEqualTo(1);
    assertThat(bounds)
        .isSorted()
        .startsWith(1e-5, 2.5e-5, 5e-5, 1e-4)
        .endsWith(10.0, Double.POSITIVE_INFINITY);
    assertThat(histogram.sumInSeconds()).isBetween(11.0, 11.1);
  }
}
