package dev.halley.server.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the connections of one event loop share. Used on that loop. */
final class EpollLoop {
  /** What one read takes at most. */
  static final int READ_SIZE = 64 << 10;

  /** Room for what several connections read, while answers that lie in it wait to be sent. */
  private static final int READ_BUFFER = 4 * READ_SIZE;

  /** Connections whose answers wait for each other. */
  private static final int MOST_UNSENT = 32;

  /** Buffers in one call of the kernel; its own bound is 1024. */
  private static final int IOV_MAX = 64;

  private final IoEventLoop eventLoop;
  private final ByteBufAllocator allocator;
  private final int mostPendingBytes;
  private final Consumer<InetSocketAddress> leaving;
  private ByteBuf readBuffer = newReadBuffer();
  private final IovArray gathered = new IovArray(IOV_MAX);
  private final @Nullable EpollConnection[] unsent = new @Nullable EpollConnection[MOST_UNSENT];
  private final Runnable turnEnd = this::endTurn;
  private int unsentCount;
  private int readAt;
  private boolean inTurn;

  EpollLoop(
      IoEventLoop eventLoop,
      ByteBufAllocator allocator,
      int mostPendingBytes,
      Consumer<InetSocketAddress> leaving) {
    this.eventLoop = eventLoop;
    this.allocator = allocator;
    this.mostPendingBytes = mostPendingBytes;
    this.leaving = leaving;
  }

  private static ByteBuf newReadBuffer() {
    return new UnpooledByteBufAllocator(true, true).directBuffer(READ_BUFFER, READ_BUFFER);
  }

  IoEventLoop eventLoop() {
    return eventLoop;
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  int mostPendingBytes() {
    return mostPendingBytes;
  }

  /** A connection from there is gone. */
  void leave(InetSocketAddress peer) {
    leaving.accept(peer);
  }

  /** The loop has ended. */
  void release() {
    readBuffer.release();
    gathered.release();
  }

  // ---- input ----

  /** Whether somebody still keeps a part of what was read. */
  boolean isReadBufferInUse() {
    return readBuffer.refCnt() > 1;
  }

  /**
   * The buffer that every connection of the loop reads into, one after the other: empty, with room
   * for one read behind what is still in use.
   */
  ByteBuf readBuffer() {
    if (isReadBufferInUse() && readAt + READ_SIZE > readBuffer.capacity()) {
      sendAll();
      if (isReadBufferInUse()) {
        replaceReadBuffer();
      }
    }
    if (!isReadBufferInUse()) {
      readAt = 0;
    }
    return readBuffer.setIndex(readAt, readAt);
  }

  /**
   * Somebody keeps what was read and hasn't been sent: that lives on for as long as it is kept, and
   * no longer in the way of all others.
   */
  private void replaceReadBuffer() {
    ByteBuf another = newReadBuffer();
    readBuffer.release();
    readBuffer = another;
  }

  /** Returns the number of bytes, 0 if there are none now, -1 at the end. */
  int receive(Socket from, ByteBuf buffer) throws IOException {
    int start = buffer.writerIndex();
    int length;
    if (buffer.hasMemoryAddress()) {
      length = from.recvAddress(buffer.memoryAddress(), start, start + READ_SIZE);
    } else {
      ByteBuffer bytes = buffer.internalNioBuffer(start, READ_SIZE);
      length = from.recv(bytes, bytes.position(), bytes.limit());
    }
    if (length > 0) {
      readAt = start + length;
      buffer.writerIndex(readAt);
    }
    return length;
  }

  /** Whether the bytes lie in the read buffer. */
  @SuppressWarnings("ReferenceEquality") // not the same bytes, but the same buffer
  boolean isInReadBuffer(ByteBuf bytes) {
    return bytes.unwrap() == readBuffer;
  }

  /** The same bytes in a buffer of their own. */
  ByteBuf copyOf(ByteBuf bytes) {
    int length = bytes.readableBytes();
    return allocator.directBuffer(length).writeBytes(bytes, bytes.readerIndex(), length);
  }

  /**
   * The same bytes, in a buffer of their own if they lie in the read buffer. Takes over the
   * reference, also if there is no memory for them.
   */
  ByteBuf withoutReadBuffer(ByteBuf bytes) {
    if (!isInReadBuffer(bytes)) {
      return bytes;
    }
    try {
      return copyOf(bytes);
    } finally {
      bytes.release();
    }
  }

  // ---- output ----

  /**
   * A connection is about to be read. What is answered until all that was ready has been read is
   * sent together, before any task that is scheduled from here on: a peer that has to be woken for
   * each answer costs more than the answer.
   */
  void beginTurn() {
    if (!inTurn) {
      eventLoop.execute(turnEnd);
      inTurn = true;
    }
  }

  private void endTurn() {
    inTurn = false;
    sendAll();
  }

  /** Has what the connection keeps sent at the end of the turn, or when enough others wait, too. */
  void sendLater(EpollConnection connection) {
    unsent[unsentCount++] = connection;
    if (unsentCount == MOST_UNSENT) {
      sendAll();
    }
  }

  private void sendAll() {
    while (unsentCount > 0) {
      EpollConnection connection = Objects.requireNonNull(unsent[--unsentCount]);
      unsent[unsentCount] = null;
      connection.sendNow();
    }
  }

  /** Returns the number of bytes that the kernel took. */
  int send(Socket to, ByteBuf bytes) throws IOException {
    if (bytes.hasMemoryAddress()) {
      return to.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
    }
    ByteBuffer nio = bytes.nioBuffer();
    if (nio.isDirect()) {
      return to.send(nio, nio.position(), nio.limit());
    }
    ByteBuf direct = allocator.directBuffer(nio.remaining()).writeBytes(nio);
    try {
      return send(to, direct);
    } finally {
      direct.release();
    }
  }

  /** Gathers what one call of the kernel takes at most; returns how many bytes that is. */
  long gather(ByteBuf first, Iterable<ByteBuf> others) {
    gathered.clear();
    gathered.add(first, first.readerIndex(), first.readableBytes());
    for (ByteBuf bytes : others) {
      if (!gathered.add(bytes, bytes.readerIndex(), bytes.readableBytes())) {
        break;
      }
    }
    return gathered.size();
  }

  /** Returns the number of bytes that the kernel took. */
  long sendGathered(Socket to) throws IOException {
    return to.writevAddresses(gathered.memoryAddress(0), gathered.count());
  }
}
