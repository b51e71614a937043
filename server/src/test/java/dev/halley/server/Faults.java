package dev.halley.server;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.Tail;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Failures on demand: of all the steps that an allocator, a broker and a clock take, one throws. To
 * try each of them, let the first fail, then the second, until one is never reached.
 */
final class Faults {
  private static final int NEVER = Integer.MAX_VALUE;

  private final AtomicInteger left = new AtomicInteger(NEVER);
  private volatile boolean failed;

  /** The n-th step from here on fails, and no other. */
  void failStep(int n) {
    failed = false;
    left.set(n);
  }

  /** From here on nothing fails; returns whether something did. */
  boolean disarm() {
    left.set(NEVER);
    return failed;
  }

  private void step() {
    if (left.get() != NEVER && left.decrementAndGet() == 0) {
      failed = true;
      throw new OutOfMemoryError("on purpose");
    }
  }

  /** An allocator whose steps are its buffers. */
  ByteBufAllocator allocator() {
    return new FaultyAllocator();
  }

  /** A broker whose steps are the calls to it and to its tails. */
  Broker broker(Broker real) {
    return new FaultyBroker(real);
  }

  /** A clock whose steps are the looks at it. */
  InstantSource clock() {
    return () -> {
      step();
      return InstantSource.system().instant();
    };
  }

  private final class FaultyBroker implements DelegatingBroker {
    private final Broker real;

    FaultyBroker(Broker real) {
      this.real = real;
    }

    @Override
    public Broker broker() {
      return real;
    }

    @Override
    public CompletionStage<StreamPosition> publish(
        String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
      step();
      return real.publish(channel, payload, idempotencyKey);
    }

    @Override
    public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
      step();
      return real.history(channel, since, limit);
    }

    @Override
    public Tail follow(String channel, Runnable onGrow) {
      step();
      Tail tail = real.follow(channel, onGrow);
      return new Tail() {
        @Override
        public StreamPosition head() {
          step();
          return tail.head();
        }

        @Override
        public boolean read(StreamPosition after, ReadLimit limit, List<Publication> into) {
          step();
          return tail.read(after, limit, into);
        }

        @Override
        public void close() {
          tail.close();
          step();
        }
      };
    }
  }

  private final class FaultyAllocator implements ByteBufAllocator {
    private final ByteBufAllocator real = PooledByteBufAllocator.DEFAULT;

    @Override
    public ByteBuf buffer() {
      step();
      return real.buffer();
    }

    @Override
    public ByteBuf buffer(int size) {
      step();
      return real.buffer(size);
    }

    @Override
    public ByteBuf buffer(int size, int most) {
      step();
      return real.buffer(size, most);
    }

    @Override
    public ByteBuf ioBuffer() {
      step();
      return real.ioBuffer();
    }

    @Override
    public ByteBuf ioBuffer(int size) {
      step();
      return real.ioBuffer(size);
    }

    @Override
    public ByteBuf ioBuffer(int size, int most) {
      step();
      return real.ioBuffer(size, most);
    }

    @Override
    public ByteBuf heapBuffer() {
      step();
      return real.heapBuffer();
    }

    @Override
    public ByteBuf heapBuffer(int size) {
      step();
      return real.heapBuffer(size);
    }

    @Override
    public ByteBuf heapBuffer(int size, int most) {
      step();
      return real.heapBuffer(size, most);
    }

    @Override
    public ByteBuf directBuffer() {
      step();
      return real.directBuffer();
    }

    @Override
    public ByteBuf directBuffer(int size) {
      step();
      return real.directBuffer(size);
    }

    @Override
    public ByteBuf directBuffer(int size, int most) {
      step();
      return real.directBuffer(size, most);
    }

    @Override
    public CompositeByteBuf compositeBuffer() {
      step();
      return real.compositeBuffer();
    }

    @Override
    public CompositeByteBuf compositeBuffer(int parts) {
      step();
      return real.compositeBuffer(parts);
    }

    @Override
    public CompositeByteBuf compositeHeapBuffer() {
      step();
      return real.compositeHeapBuffer();
    }

    @Override
    public CompositeByteBuf compositeHeapBuffer(int parts) {
      step();
      return real.compositeHeapBuffer(parts);
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer() {
      step();
      return real.compositeDirectBuffer();
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int parts) {
      step();
      return real.compositeDirectBuffer(parts);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return real.isDirectBufferPooled();
    }

    @Override
    public int calculateNewCapacity(int least, int most) {
      return real.calculateNewCapacity(least, most);
    }
  }
}
