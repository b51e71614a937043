package dev.halley.server.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Arriving;
import dev.halley.server.Limit;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final int SMALL = Arrivals.SMALL;
  private static final long ALL = 16L * SMALL;

  private final ServerMetrics metrics = new ServerMetrics();
  private final Arrivals arrivals =
      new Arrivals(
          ServerConfig.defaults().withArriving(Arriving.defaults().withBytes(ALL, ALL / 2)),
          metrics);
  private final InetAddress loopback = InetAddress.getLoopbackAddress();

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void largePiecesThatAreNotCompleteLeaveAQuarter() {
    assertThat(arrivals.share(loopback).hold(12L * SMALL)).isTrue();
    assertThat(arrivals.share(loopback).hold(SMALL + 1)).isFalse();
    assertThat(metrics.exceeded(Limit.ARRIVING_BYTES).sum()).isEqualTo(1);
    assertThat(arrivals.held()).isEqualTo(12L * SMALL);
  }

  @Test
  void smallPiecesThatAreNotCompleteLeaveAnEighth() {
    for (int i = 0; i < 14; i++) {
      assertThat(arrivals.share(loopback).hold(SMALL)).isTrue();
    }
    assertThat(arrivals.share(loopback).hold(1)).isFalse();
    assertThat(arrivals.share(loopback).holdComplete(SMALL + 1)).isFalse();
    assertThat(arrivals.share(loopback).holdComplete(SMALL)).isTrue();
    assertThat(arrivals.share(loopback).holdComplete(SMALL)).isTrue();
    assertThat(arrivals.share(loopback).holdComplete(1)).isFalse();
  }

  @Test
  void anAddressHasAShareAndTheOthersTheRest() {
    assertThat(arrivals.share(address("192.0.2.1")).hold(ALL / 2)).isTrue();
    assertThat(arrivals.share(address("192.0.2.1")).hold(1)).isFalse();
    assertThat(metrics.exceeded(Limit.ARRIVING_BYTES_PER_ADDRESS).sum()).isEqualTo(1);
    assertThat(arrivals.share(address("192.0.2.2")).hold(SMALL)).isTrue();
    assertThat(arrivals.share(loopback).hold(SMALL)).isTrue();
  }

  @Test
  void aNetworkOfIpv6IsOneAddress() {
    assertThat(arrivals.share(address("2001:db8::1")).hold(ALL / 2)).isTrue();
    assertThat(arrivals.share(address("2001:db8::2")).hold(1)).isFalse();
    assertThat(arrivals.share(address("2001:db8:0:1::2")).hold(1)).isTrue();
  }

  @Test
  void whatIsGivenBackIsThereForOthers() {
    Arrivals.Share share = arrivals.share(address("192.0.2.1"));
    assertThat(share.hold(ALL / 2)).isTrue();
    assertThat(share.hold(SMALL)).isTrue();
    assertThat(arrivals.held()).isEqualTo(SMALL);
    share.release();
    assertThat(arrivals.held()).isZero();
    assertThat(arrivals.share(address("192.0.2.1")).hold(ALL / 2)).isTrue();
  }

  @Test
  void itIsHeldUntilTheLastHasLetGo() {
    Arrivals.Share share = arrivals.share(loopback);
    share.hold(SMALL);
    share.retain();
    share.release();
    assertThat(arrivals.held()).isEqualTo(SMALL);
    share.release();
    assertThat(arrivals.held()).isZero();
  }

  @Test
  void itIsRightWhateverThreadsDo() throws Exception {
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      InetAddress address = address("192.0.2." + (1 + i % 2));
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      begin.await();
                    } catch (InterruptedException e) {
                      return;
                    }
                    for (int round = 0; round < 20_000; round++) {
                      Arrivals.Share share = arrivals.share(address);
                      share.hold(100 + round % 7);
                      share.hold(50);
                      share.release();
                    }
                  }));
    }
    begin.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(arrivals.held()).isZero();
    assertThat(arrivals.share(address("192.0.2.1")).hold(ALL / 2)).isTrue();
  }

  @Test
  void theDefaultIsAShareOfTheHeap() {
    assertThat(Arriving.bytesFor(16L << 20)).isEqualTo(8L << 20);
    assertThat(Arriving.bytesFor(256L << 20)).isEqualTo(64L << 20);
    assertThat(Arriving.bytesFor(64L << 30)).isEqualTo(256L << 20);
  }
}
