package dev.halley.benchmarks;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that benchmarks run on: like those of Netty's event loops, for on others Netty's
 * allocators don't use their caches.
 */
public final class EventLoopThreads extends ThreadPoolExecutor {
  /**
   * As JMH calls it.
   *
   * @param threads how many
   * @param name what their names begin with
   */
  public EventLoopThreads(int threads, String name) {
    super(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        new DefaultThreadFactory(name, true));
  }
}
