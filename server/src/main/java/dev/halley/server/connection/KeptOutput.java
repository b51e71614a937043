package dev.halley.server.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A socket and what was written to it and not sent, in order. What a connection is, and not what it
 * has: each idle one would pay for an object more. Used on its event loop.
 */
abstract class KeptOutput extends Socket {
  private final EpollLoop loop;
  private @Nullable ByteBuf first;
  private @Nullable Queue<ByteBuf> others;
  private int bytes;

  KeptOutput(int descriptor, EpollLoop loop) {
    super(descriptor);
    this.loop = loop;
  }

  final EpollLoop loop() {
    return loop;
  }

  final boolean keepsNothing() {
    return first == null;
  }

  final int keptBytes() {
    return bytes;
  }

  /** Appends a buffer, which is released when it has been sent, or if there is no room for it. */
  final void append(ByteBuf buffer) {
    if (first == null) {
      first = buffer;
    } else {
      try {
        if (others == null) {
          others = new ArrayDeque<>();
        }
        others.add(buffer);
      } catch (Throwable e) {
        buffer.release();
        throw e;
      }
    }
    bytes += buffer.readableBytes();
  }

  /** One call of the kernel, if anything is kept; returns whether it took all it was offered. */
  final boolean sendOnce() throws IOException {
    ByteBuf head = Objects.requireNonNull(first);
    long offered;
    long sent;
    // To gather buffers without an address moves the view of the buffer that is being read.
    if (others == null || !head.hasMemoryAddress()) {
      offered = head.readableBytes();
      sent = loop.send(this, head);
    } else {
      offered = loop.gather(head, others);
      sent = loop.sendGathered(this);
    }
    remove(sent);
    return sent == offered;
  }

  private void remove(long sent) {
    bytes -= (int) sent;
    long left = sent;
    while (first != null && left >= first.readableBytes()) {
      left -= first.readableBytes();
      removeFirst().release();
    }
    if (first != null) {
      first.skipBytes((int) left);
    }
  }

  final void discardKept() {
    while (first != null) {
      removeFirst().release();
    }
    bytes = 0;
  }

  /** What is kept, one by one, in buffers of its own; null when that was all. */
  final @Nullable ByteBuf takeKept() {
    return first == null ? null : loop.withoutReadBuffer(removeFirst());
  }

  /** Has what is kept in no part of the buffer that the loop reads into. */
  final void leaveReadBuffer() {
    if (loop.isReadBufferInUse()) {
      // One by one: if there is no memory for one, the others are what they were.
      for (int left = 1 + (others == null ? 0 : others.size()); left > 0; left--) {
        ByteBuf own = Objects.requireNonNull(first);
        if (loop.isInReadBuffer(own)) {
          own = loop.copyOf(own);
          first.release();
          first = own;
        }
        if (others != null) {
          others.add(own);
          first = others.remove();
        }
      }
    }
  }

  private ByteBuf removeFirst() {
    ByteBuf removed = Objects.requireNonNull(first);
    first = others == null ? null : others.poll();
    if (others != null && others.isEmpty()) {
      others = null;
    }
    return removed;
  }
}
