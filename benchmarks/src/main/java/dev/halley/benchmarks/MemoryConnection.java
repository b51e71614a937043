package dev.halley.benchmarks;

import io.undertow.conduits.EmptyStreamSourceConduit;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.protocol.version13.WebSocket13Channel;
import io.undertow.websockets.extensions.NoopExtensionFunction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.NullStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;

/** What Undertow takes for a connection: it reads from an array and writes into a buffer. */
final class MemoryConnection extends StreamConnection {
  private static final int BUFFER_SIZE = 32 << 10;

  private final XnioWorker worker;
  private final Source source;
  private final Sink sink;

  private MemoryConnection(XnioWorker worker, XnioIoThread thread) {
    super(thread);
    this.worker = worker;
    source = new Source(new EmptyStreamSourceConduit(thread));
    sink = new Sink(new NullStreamSinkConduit(thread));
    setSourceConduit(source);
    setSinkConduit(sink);
  }

  static MemoryConnection open() throws IOException {
    XnioWorker worker =
        Xnio.getInstance()
            .createWorker(
                OptionMap.create(Options.WORKER_IO_THREADS, 1, Options.THREAD_DAEMON, true));
    return new MemoryConnection(worker, worker.getIoThread());
  }

  /** The server's side of a WebSocket over this connection, with direct buffers of 32 KiB. */
  WebSocketChannel webSocket() {
    ByteBufferPool pool = new DefaultByteBufferPool(true, BUFFER_SIZE);
    Set<WebSocketChannel> open = ConcurrentHashMap.newKeySet();
    return new OnCallingThread(this, pool, open);
  }

  /** What is to be read next. */
  void received(byte[] bytes) {
    source.bytes = bytes;
    source.at = 0;
  }

  /** What has been written since the last {@link ByteBuffer#clear}. */
  ByteBuffer written() {
    return sink.written;
  }

  void end() {
    worker.shutdownNow();
  }

  @Override
  public SocketAddress getPeerAddress() {
    return InetSocketAddress.createUnresolved("localhost", 1);
  }

  @Override
  public SocketAddress getLocalAddress() {
    return InetSocketAddress.createUnresolved("localhost", 2);
  }

  /** Writes on the thread that sends, as Undertow does on its I/O thread. */
  private static final class OnCallingThread extends WebSocket13Channel {
    private boolean flushing;

    OnCallingThread(StreamConnection connection, ByteBufferPool pool, Set<WebSocketChannel> open) {
      super(
          connection,
          pool,
          "ws://localhost/",
          "",
          false,
          false,
          NoopExtensionFunction.INSTANCE,
          open,
          OptionMap.EMPTY);
    }

    @Override
    public void flush() {
      if (!flushing) {
        flushing = true;
        try {
          flushSenders();
        } finally {
          flushing = false;
        }
      }
    }
  }

  private static final class Source extends AbstractStreamSourceConduit<StreamSourceConduit> {
    private byte[] bytes = {};
    private int at;

    Source(StreamSourceConduit next) {
      super(next);
    }

    @Override
    public int read(ByteBuffer to) {
      int length = Math.min(to.remaining(), bytes.length - at);
      to.put(bytes, at, length);
      at += length;
      return length;
    }
  }

  private static final class Sink extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private final ByteBuffer written = ByteBuffer.allocateDirect(BUFFER_SIZE);

    Sink(StreamSinkConduit next) {
      super(next);
    }

    @Override
    public int write(ByteBuffer from) {
      int length = from.remaining();
      written.put(from);
      return length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
      long sum = 0;
      for (int i = offset; i < offset + length; i++) {
        sum += write(from[i]);
      }
      return sum;
    }

    @Override
    public int writeFinal(ByteBuffer from) {
      return write(from);
    }

    @Override
    public long writeFinal(ByteBuffer[] from, int offset, int length) {
      return write(from, offset, length);
    }
  }
}
