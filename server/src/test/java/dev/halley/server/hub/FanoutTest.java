package dev.halley.server.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.server.ChannelPolicies;
import dev.halley.server.Failures;
import dev.halley.server.PresenceConfig;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerMetrics;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.meter.Via;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many encodings and writes publications cost: the guard of what makes fan-out fast. */
class FanoutTest {
  private static final int SUBSCRIBERS = 100;
  private static final String CHANNEL = "guard";

  private final MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final Failures failures = new Failures();
  private final Hub hub =
      new Hub(
          broker,
          ChannelPolicies.of(ServerConfig.defaults()),
          PresenceConfig.defaults(),
          PublishRates.of(ServerConfig.defaults()),
          new ListeningMemory(1 << 20, new ServerMetrics()),
          new Arrivals(ServerConfig.defaults(), new ServerMetrics()),
          ByteBufAllocator.DEFAULT,
          failures,
          loops);
  private final EventLoop loop = loops.next();
  private final CountingForm form = new CountingForm(0);
  private final List<CountingSubscriber> subscribers = new ArrayList<>();

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    broker.close();
  }

  @Test
  void onePublicationIsEncodedOnceAndWrittenOnceToEach() throws Exception {
    subscribe();
    for (int i = 1; i <= 50; i++) {
      publish();
      settle();
      assertThat(form.batches).hasSize(i).last().isEqualTo(1);
    }
    assertThat(subscribers).allMatch(it -> it.writes == 50);
  }

  @Test
  void whatIsPublishedDuringOneTurnIsOneBatchAndOneWriteForEach() throws Exception {
    subscribe();
    CountDownLatch busy = new CountDownLatch(1);
    loop.execute(() -> await(busy));
    for (int i = 0; i < 500; i++) {
      publish();
    }
    busy.countDown();
    settle();
    assertThat(form.batches).containsExactly(500);
    assertThat(subscribers).allMatch(it -> it.writes == 1);
  }

  @Test
  void oneThatIsNotWritableIsNotWrittenToAndTheOthersAre() throws Exception {
    subscribe();
    onLoop(() -> subscribers.getFirst().writable = false);
    publish();
    settle();
    assertThat(subscribers.getFirst().writes).isZero();
    assertThat(subscribers.subList(1, SUBSCRIBERS)).allMatch(it -> it.writes == 1);
  }

  @Test
  void whoseConnectionThrowsEndsAndTheOthersAreServed() throws Exception {
    subscribe();
    CountingSubscriber failing = subscribers.get(SUBSCRIBERS / 2);
    onLoop(
        () -> {
          failing.throwsAtSend = true;
          return true;
        });
    publish();
    settle();
    publish();
    settle();
    assertThat(failing.aborted).isEqualTo(1);
    assertThat(failing.writes).isZero();
    assertThat(subscribers).filteredOn(it -> it != failing).allMatch(it -> it.writes == 2);
    assertThat(failures.count(Failures.Place.DELIVERY)).isEqualTo(1);
  }

  @Test
  void whatCanNotBeEncodedIsTriedAgainAndNobodyMissesIt() throws Exception {
    subscribe();
    failEncoding(3);
    publish();
    settle();
    assertThat(subscribers).allMatch(it -> it.writes == 0 && it.aborted == 0);
    assertThat(form.encoded.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    settle();
    assertThat(subscribers).allMatch(it -> it.writes == 1 && it.aborted == 0);
    publish();
    settle();
    assertThat(subscribers).allMatch(it -> it.writes == 2);
    assertThat(form.batches).containsExactly(1, 1);
    assertThat(failures.count(Failures.Place.DELIVERY)).isEqualTo(3);
  }

  @Test
  void withOneFormThatCanNotBeEncodedNoneIsSentSoThatNothingComesTwice() throws Exception {
    subscribe();
    CountingForm other = new CountingForm(1);
    CountingSubscriber another = new CountingSubscriber(other);
    onLoop(
        () -> {
          hub.shard(loop).subscribe(another, CHANNEL, new Cursor.Latest()).start();
          other.failuresLeft = 1;
          return true;
        });
    publish();
    assertThat(other.encoded.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    settle();
    assertThat(another.writes).isEqualTo(1);
    assertThat(subscribers).allMatch(it -> it.writes == 1);
  }

  @Test
  void whatCanNeverBeEncodedEndsThoseThatItIsFor() throws Exception {
    subscribe();
    failEncoding(Integer.MAX_VALUE);
    publish();
    CountingSubscriber last = subscribers.getFirst();
    assertThat(last.end.await(20, TimeUnit.SECONDS)).isTrue();
    settle();
    assertThat(subscribers).allMatch(it -> it.writes == 0 && it.aborted == 1);
  }

  private void failEncoding(int times) throws Exception {
    onLoop(
        () -> {
          form.failuresLeft = times;
          return true;
        });
  }

  private void subscribe() throws Exception {
    onLoop(
        () -> {
          for (int i = 0; i < SUBSCRIBERS; i++) {
            CountingSubscriber subscriber = new CountingSubscriber(form);
            subscribers.add(subscriber);
            hub.shard(loop).subscribe(subscriber, CHANNEL, new Cursor.Latest()).start();
          }
          return true;
        });
  }

  private void publish() {
    broker.publish(CHANNEL, Payload.text("x"), Optional.empty()).toCompletableFuture().join();
  }

  /** Waits until the drain that the last publication scheduled has run. */
  private void settle() throws Exception {
    onLoop(() -> true);
  }

  private void onLoop(Callable<Boolean> task) throws Exception {
    assertThat(loop.submit(task).get(20, TimeUnit.SECONDS)).isNotNull();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class CountingForm implements WireForm {
    private final List<Integer> batches = new ArrayList<>();
    private final Semaphore encoded = new Semaphore(0);
    private final int index;
    private int failuresLeft;

    CountingForm(int index) {
      this.index = index;
    }

    @Override
    public int index() {
      return index;
    }

    @Override
    public ByteBuf encode(
        ByteBufAllocator allocator, String channel, List<Publication> publications) {
      if (failuresLeft > 0) {
        failuresLeft--;
        throw new OutOfMemoryError("on purpose");
      }
      batches.add(publications.size());
      encoded.release();
      return Unpooled.copyInt(1);
    }
  }

  private static final class CountingSubscriber implements Subscriber, Outlet {
    private final CountingForm form;
    private int writes;
    private boolean writable = true;
    private final CountDownLatch end = new CountDownLatch(1);
    private boolean throwsAtSend;
    private int aborted;

    CountingSubscriber(CountingForm form) {
      this.form = form;
    }

    @Override
    public Optional<WireForm> sharedForm() {
      return Optional.of(form);
    }

    @Override
    public Optional<String> user() {
      return Optional.empty();
    }

    @Override
    public Via via() {
      return Via.WEBSOCKET;
    }

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public Outlet outlet() {
      return this;
    }

    @Override
    public void send(ByteBuf shared) {
      if (throwsAtSend) {
        throw new StackOverflowError("on purpose");
      }
      writes++;
    }

    @Override
    public int writeOwn(Subscription subscription, List<Publication> publications) {
      throw new AssertionError("a live subscriber gets the shared bytes");
    }

    @Override
    public void writeGap(Subscription subscription, Gap gap) {
      throw new AssertionError("nothing is lost");
    }

    @Override
    public void closeOverflowed(Subscription subscription) {
      throw new AssertionError("nothing is lost");
    }

    @Override
    public void abort(Throwable cause) {
      aborted++;
      end.countDown();
    }

    @Override
    public void closeFailed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }
}
