package dev.halley.server.connection;

import dev.halley.server.meter.Via;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What uses a connection after HTTP has given it away. Its methods are called on the connection's
 * event loop.
 */
public abstract class StreamHandler {
  private @Nullable Connection connection;
  private @Nullable Visit visit;
  private boolean left;
  private boolean told;

  /** The connection; there is one from {@link #onOpen} on. */
  protected final Connection connection() {
    return Objects.requireNonNull(connection);
  }

  /** Whose stream it is: whoever is at the other end, or whom a trusted proxy there speaks for. */
  protected final InetSocketAddress client() {
    return visit == null ? connection().peer() : visit.client();
  }

  /** It is what became of a request that came through a proxy. Before {@link #onOpen}. */
  public final void continueVisit(@Nullable Visit begun) {
    visit = begun;
  }

  /** Called once when the connection goes, before the peer can see it. */
  final void leave() {
    if (!left) {
      left = true;
      if (visit != null) {
        visit.end().run();
      }
    }
  }

  /** Tells once that the connection is gone, whatever that throws. */
  final void tellClosed() {
    if (!told) {
      told = true;
      try {
        onClosed();
      } catch (Throwable e) {
        onFailure(e);
      }
    }
  }

  /** Leaves and is told at once; for a connection that comes to nothing. */
  final void end() {
    try {
      leave();
    } catch (Throwable e) {
      onFailure(e);
    }
    tellClosed();
  }

  /** It comes to nothing: whoever made it couldn't give it a connection. */
  public final void abandon() {
    if (connection == null) {
      told = true;
      try {
        leave();
        onAbandoned();
      } catch (Throwable e) {
        onFailure(e);
      }
    }
  }

  /** It never gets a connection: lets go of what it has. */
  protected void onAbandoned() {}

  /** Begins, or goes on with another connection to the same peer. */
  final void use(Connection current) {
    boolean moves = connection != null;
    connection = current;
    if (moves) {
      onMoved();
    } else {
      onOpen();
    }
  }

  /** The bytes that were written to the peer so far. */
  public final long writtenBytes() {
    return connection().writtenBytes();
  }

  /** What kind of stream it is. */
  public abstract Via via();

  /** The stream begins. */
  protected abstract void onOpen();

  /** The same peer is reached by another connection from here on. */
  protected void onMoved() {}

  /** Bytes have come; they are released when this returns. */
  protected abstract void onRead(ByteBuf bytes);

  /** All that was there to read has been handed over. */
  protected void onReadComplete() {
    connection().flush();
  }

  /** There is no room any more, or there is again. May be called from within a write. */
  protected abstract void onWritabilityChanged(boolean writable);

  /**
   * The connection failed, by the peer mostly, or something threw that was done for it; {@link
   * #onClosed} follows. Must not throw.
   */
  protected abstract void onFailure(Throwable cause);

  /** The connection is gone. Called once. */
  protected abstract void onClosed();
}
