package dev.halley.server;

import io.netty.buffer.ByteBufAllocator;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the run if a buffer was forgotten. Netty's leak detector, which watches all buffers here,
 * only logs what it finds.
 */
public final class LeakGuard implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .computeIfAbsent(Watch.class, key -> new Watch(), Watch.class);
  }

  /** From the first test of the run to after its last one. */
  static final class Watch extends Handler implements AutoCloseable {
    private static final int COLLECTIONS = 3;
    private static final long PATIENCE_MILLIS = 10_000;

    private final Logger logger = Logger.getLogger("io.netty.util.ResourceLeakDetector");
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

    Watch() {
      setFormatter(new SimpleFormatter());
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      if (record.getMessage().startsWith("LEAK:")) {
        leaks.add(getFormatter().formatMessage(record));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      for (int i = 0; i < COLLECTIONS; i++) {
        collectGarbage();
        // Netty looks at what was collected when it hands out the next buffer.
        ByteBufAllocator.DEFAULT.buffer(1).release();
        ByteBufAllocator.DEFAULT.compositeBuffer().release();
      }
      logger.removeHandler(this);
      if (!leaks.isEmpty()) {
        throw new AssertionError(
            "Buffers were forgotten at " + leaks.size() + " places:\n" + leaks);
      }
    }

    private static void collectGarbage() {
      ReferenceQueue<Object> collected = new ReferenceQueue<>();
      PhantomReference<Object> marker = new PhantomReference<>(new Object(), collected);
      try {
        System.gc();
        if (collected.remove(PATIENCE_MILLIS) == null) {
          throw new AssertionError("No garbage was collected, so no leak can be found");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        Reference.reachabilityFence(marker);
      }
    }
  }
}
