package dev.halley.server.connection;

import dev.halley.server.hub.Outlet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * The way to one peer, for one {@link StreamHandler}. All but {@link #isWritable} is called on the
 * connection's event loop. Nothing here throws: what is written to a connection that is gone is
 * released, and one on which something fails, be it for want of memory, ends.
 */
public interface Connection extends Outlet {
  /** Where buffers for this connection come from. */
  ByteBufAllocator allocator();

  /** Whether fewer bytes wait for the peer than the server lets wait. Any thread may ask. */
  @Override
  boolean isWritable();

  /** The bytes that wait for the peer to take them. */
  long pendingBytes();

  /** The bytes that were written to the peer so far, on what this one goes on for, too. */
  long writtenBytes();

  /** What the kernel knows of the peer's machine, where it is asked. */
  Optional<TcpState> tcp();

  /**
   * How long the peer's machine has left unanswered what was sent to it, in nanoseconds, although
   * the kernel has asked again; 0 if it answers, be it that there is no room, or where that can't
   * be known.
   */
  default long unansweredNanos() {
    return tcp().map(TcpState::unansweredNanos).orElse(0L);
  }

  /** Whoever is at the other end, or whom a proxy there has announced. */
  InetSocketAddress peer();

  /** Sends bytes with the next {@link #flush}; takes over the reference. */
  void write(ByteBuf bytes);

  /** Hands to the peer what has been written, as far as it takes it now. */
  void flush();

  /** {@link #write} and {@link #flush}. */
  void writeAndFlush(ByteBuf bytes);

  /** Whether the peer is read. */
  void setReading(boolean reading);

  /** Ends this side of the connection when the peer has taken all that was written. */
  void endOutput();

  /** Closes when the peer has taken all that was written. */
  void closeAfterOutput();

  /** Closes now. The handler is told from a task of its own. */
  void close();

  /**
   * Runs a task on the event loop, after what it does now. What the task throws ends the
   * connection.
   */
  void execute(Runnable task);
}
