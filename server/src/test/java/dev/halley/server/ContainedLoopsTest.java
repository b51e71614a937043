package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.Failures.Place;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Event loops in which what no boundary has caught is thrown. */
class ContainedLoopsTest {
  private final AtomicInteger failuresLeft = new AtomicInteger();
  private final Failures failures = new Failures();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final ContainedLoops loops =
      new ContainedLoops(1, this::thread, faulty(), failures, Duration.ofMillis(200));

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void anErrorEndsNoLoop() throws Exception {
    loops.onEnd((loop, cause) -> told.add("ended"));
    failuresLeft.set(3);
    assertThat(loops.submit(() -> "done").get(20, TimeUnit.SECONDS)).isEqualTo("done");
    TestServer.await(() -> failuresLeft.get() == 0);
    assertThat(loops.submit(() -> "done").get(20, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(failures.count(Place.LOOP)).isEqualTo(3);
    assertThat(told).isEmpty();
  }

  @Test
  void oneThatFailsForLongEndsAndThatIsTold() throws Exception {
    loops.onEnd(
        (loop, cause) ->
            told.add(cause.getMessage() + (loop.inEventLoop() ? " on its thread" : " elsewhere")));
    failuresLeft.set(Integer.MAX_VALUE);
    loops.execute(() -> {});
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("on purpose on its thread");
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("uncaught on purpose");
    assertThat(loops.terminationFuture().await(20, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Listening.class,
      names = {"SSE", "LONG_POLL", "HALLEY_V1", "WEBSOCKET"})
  void aServerWhoseLoopEndsClosesItsConnectionsAndSaysThatItIsNotAlive(Listening listening)
      throws Exception {
    try (TestServer server = TestServer.start(listening.config());
        HttpSocket health = HttpSocket.connect(server.address());
        HttpSocket parked = HttpSocket.connect(server.address());
        Listener listener = listening.open(server, "chat", "latest")) {
      health.send(HttpSocket.request("127.0.0.1", "GET", "/health/live", "", ""));
      assertThat(health.answer().status()).isEqualTo(200);
      parked.send(
          HttpSocket.request("127.0.0.1", "GET", "/channels/chat", "Prefer: wait=30\r\n", ""));
      Scrape.until(server, "halley_connections{transport=\"long_poll\"}", it -> it >= 1);
      assertThat(listener.cursor()).isNotEmpty();
      breakAll(server);
      assertThat(server.server().broken().toCompletableFuture().get(20, TimeUnit.SECONDS))
          .hasMessage("on purpose");
      TestServer.await(() -> server.server().connections() == 0);
    }
  }

  private static void breakAll(TestServer server) {
    server
        .server()
        .loops()
        .forEach(
            loop ->
                loop.submit(
                        () ->
                            server
                                .server()
                                .breakDown((EventLoop) loop, new OutOfMemoryError("on purpose")))
                    .syncUninterruptibly());
  }

  private Thread thread(Runnable task) {
    Thread thread = new Thread(task, "test-loop");
    thread.setUncaughtExceptionHandler((it, cause) -> told.add("uncaught " + cause.getMessage()));
    return thread;
  }

  /** What NIO does, but for turns that throw. */
  private IoHandlerFactory faulty() {
    return executor -> {
      IoHandler real = NioIoHandler.newFactory().newHandler(executor);
      return new IoHandler() {
        @Override
        public void initialize() {
          real.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
          if (failuresLeft.get() > 0) {
            failuresLeft.decrementAndGet();
            throw new StackOverflowError("on purpose");
          }
          return real.run(context);
        }

        @Override
        public void prepareToDestroy() {
          real.prepareToDestroy();
        }

        @Override
        public void destroy() {
          real.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
          return real.register(handle);
        }

        @Override
        public void wakeup() {
          real.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
          return real.isCompatible(type);
        }
      };
    };
  }
}
