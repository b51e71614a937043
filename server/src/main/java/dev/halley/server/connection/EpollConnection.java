package dev.halley.server.connection;

import dev.halley.server.meter.ConnectionEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is its socket: no channel, no pipeline, no outbound buffer. It reads into a
 * buffer that all connections of its loop share, and a write goes straight to the kernel; only what
 * the kernel doesn't take is kept. An idle one is this object and its registration with epoll.
 */
final class EpollConnection extends KeptOutput implements EpollIoHandle, Connection {
  /** Reads after which other connections of the loop have their turn. */
  private static final int READS_PER_TURN = 4;

  private static final EpollIoOps IN = EpollIoOps.EPOLLIN;
  private static final EpollIoOps OUT = EpollIoOps.EPOLLOUT;
  private static final EpollIoOps IN_AND_OUT = IN.with(OUT);

  /** Errors and hang-ups are told in any case. */
  private static final EpollIoOps NEITHER = EpollIoOps.EPOLLERR;

  private enum AfterOutput {
    STAY,
    END_OUTPUT,
    CLOSE
  }

  private final StreamHandler stream;
  private final InetSocketAddress peer;
  private final @Nullable ConnectionEvent event;
  private @Nullable IoRegistration registration;

  private AfterOutput afterOutput = AfterOutput.STAY;
  private EpollIoOps interest = NEITHER;
  private long written;
  private boolean reading;

  /** It is being read: what is answered waits for the end of the loop's turn. */
  private boolean inRead;

  /** The loop will send what is kept. */
  private boolean unsent;

  /** The kernel takes no more at present. */
  private boolean blocked;

  private boolean broken;
  private boolean closed;
  private volatile boolean writable = true;

  /**
   * @param descriptor of a connected socket that doesn't block; closed with the connection
   * @param written bytes that were written before; all of them have left
   * @param event ended with the connection, if its end is to be recorded
   */
  EpollConnection(
      int descriptor,
      EpollLoop loop,
      StreamHandler stream,
      InetSocketAddress peer,
      long written,
      @Nullable ConnectionEvent event) {
    super(descriptor, loop);
    this.stream = stream;
    this.peer = peer;
    this.written = written;
    this.event = event;
  }

  /** Begins to hear of what happens on the socket. */
  void begin(IoRegistration newRegistration, boolean startReading) {
    registration = newRegistration;
    reading = startReading;
    try {
      updateInterest();
    } catch (Throwable e) {
      fail(e);
    }
  }

  // ---- for the stream ----

  @Override
  public ByteBufAllocator allocator() {
    return loop().allocator();
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public long pendingBytes() {
    return keptBytes();
  }

  @Override
  public long writtenBytes() {
    return written;
  }

  @Override
  public Optional<TcpState> tcp() {
    return closed ? Optional.empty() : TcpState.of(this);
  }

  @Override
  public InetSocketAddress peer() {
    return peer;
  }

  @Override
  public void write(ByteBuf bytes) {
    if (refusesOutput()) {
      bytes.release();
    } else {
      written += bytes.readableBytes();
      try {
        keep(blocked ? loop().withoutReadBuffer(bytes) : bytes);
      } catch (Throwable e) {
        fail(e);
      }
    }
  }

  @Override
  public void flush() {
    if (keepsNothing() || blocked || broken) {
      return;
    }
    if (!inRead || !writable) {
      trySendKept();
    } else if (!unsent) {
      unsent = true;
      loop().sendLater(this);
    }
  }

  /** What {@link #flush} has left to the end of the turn. */
  void sendNow() {
    unsent = false;
    if (!keepsNothing() && !blocked && !broken && !closed) {
      trySendKept();
    }
  }

  private void trySendKept() {
    try {
      sendKept();
    } catch (Throwable e) {
      fail(e);
    }
  }

  @Override
  public void writeAndFlush(ByteBuf bytes) {
    if (!keepsNothing() || refusesOutput()) {
      write(bytes);
      flush();
      return;
    }
    written += bytes.readableBytes();
    int sent = trySend(bytes);
    if (sent < 0 || sent == bytes.readableBytes()) {
      bytes.release();
    } else {
      try {
        keep(loop().withoutReadBuffer(bytes.skipBytes(sent)));
        block();
      } catch (Throwable e) {
        fail(e); // a part has been sent, and the rest can't be
      }
    }
  }

  @Override
  public void send(ByteBuf shared) {
    if (!keepsNothing() || refusesOutput()) {
      sendLast(shared);
      return;
    }
    int length = shared.readableBytes();
    written += length;
    int sent = trySend(shared);
    if (sent >= 0 && sent < length) {
      try {
        keep(shared.retainedSlice(shared.readerIndex() + sent, length - sent));
        block();
      } catch (Throwable e) {
        fail(e); // a part has been sent, and the rest can't be
      }
    }
  }

  /** Sends behind what is kept. */
  private void sendLast(ByteBuf shared) {
    if (refusesOutput()) {
      return;
    }
    ByteBuf own;
    try {
      own = shared.retainedDuplicate();
    } catch (Throwable e) {
      fail(e);
      return;
    }
    write(own);
    flush();
  }

  /** Returns the number of bytes that the kernel took, or -1 if the connection has failed. */
  private int trySend(ByteBuf bytes) {
    try {
      return loop().send(this, bytes);
    } catch (Throwable e) {
      fail(e);
      return -1;
    }
  }

  @Override
  public void setReading(boolean on) {
    if (reading != on && !closed) {
      reading = on;
      try {
        updateInterest();
      } catch (Throwable e) {
        fail(e);
      }
    }
  }

  @Override
  public void endOutput() {
    afterOutput(AfterOutput.END_OUTPUT);
  }

  @Override
  public void closeAfterOutput() {
    afterOutput(AfterOutput.CLOSE);
  }

  /** Also called by the loop for what is still open when it ends. */
  @Override
  public void close() {
    if (unsent) {
      sendNow();
    }
    if (closed) {
      return;
    }
    closed = true;
    writable = false;
    try {
      letGo();
    } catch (Throwable e) {
      stream.onFailure(e);
    }
    try {
      loop().eventLoop().execute(stream::tellClosed);
    } catch (Throwable e) {
      stream.tellClosed(); // there is no memory for a task
    }
  }

  /** Each of these is done, whatever the others throw. */
  private void letGo() {
    try {
      if (registration != null) {
        registration.cancel();
      }
    } finally {
      try {
        // Before the peer can see it: who comes back at once must not be counted twice.
        loop().leave(peer);
      } finally {
        try {
          stream.leave();
        } finally {
          closeSocket();
          discardKept();
        }
      }
    }
    if (event != null) {
      event.endWith(stream.client(), stream.via());
    }
  }

  /** Closes the descriptor and nothing else. */
  void closeSocket() {
    try {
      super.close();
    } catch (IOException e) {
      // The descriptor is gone in any case.
    }
  }

  @Override
  public void execute(Runnable task) {
    loop().eventLoop().execute(() -> run(task));
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      endBy(e);
    }
  }

  // ---- for the event loop ----

  @Override
  public FileDescriptor fd() {
    return this;
  }

  @Override
  public void handle(IoRegistration from, IoEvent event) {
    EpollIoOps ops = ((EpollIoEvent) event).ops();
    boolean input = ops.contains(IN);
    boolean output = ops.contains(OUT);
    try {
      if (output && blocked) {
        blocked = false;
        sendKept();
      }
      if (closed || broken) {
        return;
      }
      if (reading && (input || !output)) {
        loop().beginTurn();
        inRead = true;
        try {
          read();
        } finally {
          inRead = false;
        }
      } else if (!input && !output) {
        close(); // an error or a hang-up, and nobody wants what may have come before it
      }
    } catch (Throwable e) {
      endBy(e);
    }
  }

  private void read() {
    for (int i = 0; i < READS_PER_TURN && reading && !closed; i++) {
      ByteBuf buffer = loop().readBuffer();
      if (closed) {
        return; // while the loop made room
      }
      int length;
      try {
        length = loop().receive(this, buffer);
      } catch (IOException e) {
        endBy(e);
        return;
      }
      if (length < 0) {
        close();
        return;
      }
      if (length > 0) {
        stream.onRead(buffer);
      }
      if (length < EpollLoop.READ_SIZE) {
        break;
      }
      flush(); // so that the loop can have it sent when the next read needs the room
    }
    if (!closed) {
      stream.onReadComplete();
    }
  }

  // ---- output ----

  private boolean refusesOutput() {
    return closed || broken || afterOutput != AfterOutput.STAY;
  }

  private void keep(ByteBuf bytes) {
    if (!bytes.isReadable()) {
      bytes.release();
      return;
    }
    append(bytes);
    if (writable && keptBytes() > loop().mostPendingBytes()) {
      writable = false;
      stream.onWritabilityChanged(false);
    }
  }

  private void sendKept() {
    while (!keepsNothing()) {
      boolean all;
      try {
        all = sendOnce();
      } catch (IOException e) {
        fail(e);
        return;
      }
      if (!all) {
        block();
        break;
      }
    }
    if (keepsNothing()) {
      updateInterest();
      finishOutput();
    }
    if (!writable && !closed && keptBytes() <= loop().mostPendingBytes() / 2) {
      writable = true;
      stream.onWritabilityChanged(true);
    }
  }

  /** Waits for the kernel; what is kept meanwhile must not be in the buffer that is read into. */
  private void block() {
    blocked = true;
    leaveReadBuffer();
    updateInterest();
  }

  private void afterOutput(AfterOutput action) {
    if (action.compareTo(afterOutput) > 0) {
      afterOutput = action;
      flush();
      if (keepsNothing()) {
        finishOutput();
      }
    }
  }

  private void finishOutput() {
    switch (afterOutput) {
      case STAY -> {}
      case END_OUTPUT -> shutDownOutput();
      case CLOSE -> close();
    }
  }

  private void shutDownOutput() {
    try {
      shutdown(false, true);
    } catch (IOException e) {
      fail(e);
    } catch (NotYetConnectedException e) {
      fail(new IOException(e)); // how Netty tells that the peer has reset it
    }
  }

  private void updateInterest() {
    EpollIoOps wanted;
    if (blocked) {
      wanted = reading ? IN_AND_OUT : OUT;
    } else {
      wanted = reading ? IN : NEITHER;
    }
    if (!closed && registration != null && !wanted.equals(interest)) {
      interest = wanted;
      registration.submit(wanted);
    }
  }

  // ---- the end ----

  Optional<ConnectionEvent> event() {
    return Optional.ofNullable(event);
  }

  /** Tells the stream what was thrown. */
  void onFailure(Throwable cause) {
    stream.onFailure(cause);
  }

  /** Whether it is closed, or has failed and will be. */
  boolean isGone() {
    return closed || broken;
  }

  /** Lets go of the socket, which stays open; returns its descriptor. */
  int release() {
    closed = true;
    writable = false;
    if (registration != null) {
      registration.cancel();
    }
    return intValue();
  }

  /**
   * Not at once: a fan-out that is under way must not see its subscribers leave. But what is kept
   * goes now: it may lie in the read buffer, which the next connection needs.
   */
  private void fail(Throwable cause) {
    if (!broken && !closed) {
      broken = true;
      discardKept();
      try {
        loop().eventLoop().execute(() -> endBy(cause));
      } catch (Throwable e) {
        endBy(cause); // there is no memory for a task
      }
    }
  }

  /** Something threw that was done for this connection. */
  private void endBy(Throwable cause) {
    if (!closed) {
      stream.onFailure(cause);
      close();
    }
  }
}
