package dev.halley.loadgen;

import dev.halley.websocket.ClientHandshake;
import dev.halley.websocket.Compression;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.Header;
import dev.halley.websocket.MaskKeys;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ProtocolOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Any number of WebSockets on the thread that calls {@link #runUntil}. At most {@link
 * #MOST_CONNECTING} handshakes are under way at a time, so that a server's backlog isn't what is
 * measured. Used by one thread.
 */
public final class LoadLoop implements AutoCloseable {
  private static final int MOST_CONNECTING = 128;
  private static final int MOST_BUFFERS = 256;
  private static final int READ_BUFFER = 256 << 10;
  private static final int LARGEST_MESSAGE = 64 << 20;
  private static final MessageLimits LIMITS = new MessageLimits(LARGEST_MESSAGE, LARGEST_MESSAGE);

  private record Waiting(String target, ConnectionHandler handler) {}

  private final InetSocketAddress server;
  private final List<Header> fields;
  private final List<DeflateParameters> offers;
  private final DeflatePool deflaters = new DeflatePool(DeflatePool.DEFAULT_LEVEL);
  private final Selector selector = Selector.open();
  private final SecureRandom random = new SecureRandom();
  private final MaskKeys maskKeys = new MaskKeys(random);
  private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BUFFER);
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private final Deque<Waiting> toConnect = new ArrayDeque<>();
  private final Set<LoadConnection> toFlush = new LinkedHashSet<>();
  private int connecting;

  /**
   * A loop without connections.
   *
   * @param server whom it connects to, without TLS
   * @param fields further header fields of each handshake, as {@code Authorization}
   * @param deflate whether to offer permessage-deflate (RFC 7692), which the server may take or not
   * @throws IOException if the system has no selector left
   */
  public LoadLoop(InetSocketAddress server, List<Header> fields, boolean deflate)
      throws IOException {
    this.server = server;
    this.fields = List.copyOf(fields);
    this.offers = deflate ? List.of(DeflateParameters.NO_CONTEXT_TAKEOVER) : List.of();
  }

  /** Opens a connection, when its turn comes. */
  void connect(String target, ConnectionHandler handler) {
    toConnect.add(new Waiting(target, handler));
  }

  /**
   * Runs until it is done.
   *
   * @param deadlineNanos as {@link System#nanoTime}
   * @return whether it is done; if not, the time is over
   * @throws IOException if the system has no more sockets
   */
  boolean runUntil(BooleanSupplier done, long deadlineNanos) throws IOException {
    while (!done.getAsBoolean()) {
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      turn(Math.min(TimeUnit.NANOSECONDS.toMillis(left) + 1, 50));
    }
    return true;
  }

  private void turn(long millis) throws IOException {
    startConnecting();
    flush();
    selector.select(this::ready, millis);
    flush();
  }

  private void flush() throws IOException {
    if (toFlush.isEmpty()) {
      return;
    }
    List<LoadConnection> all = new ArrayList<>(toFlush);
    toFlush.clear();
    for (LoadConnection connection : all) {
      flush(connection);
    }
  }

  private static void flush(LoadConnection connection) throws IOException {
    try {
      connection.flush();
    } catch (IOException e) {
      connection.lost(String.valueOf(e.getMessage()));
    }
  }

  /** How a connection reads and writes messages, given what its handshake agreed on. */
  ProtocolOptions options(Optional<DeflateParameters> agreed) {
    ProtocolOptions plain = ProtocolOptions.of(LIMITS);
    return agreed
        .map(it -> new Compression(it, deflaters, Compression.DEFAULT_THRESHOLD))
        .map(plain::withCompression)
        .orElse(plain);
  }

  void willFlush(LoadConnection connection) {
    toFlush.add(connection);
  }

  ByteBuffer takeBuffer() {
    ByteBuffer buffer = buffers.poll();
    return buffer == null ? ByteBuffer.allocateDirect(4096) : buffer;
  }

  void giveBack(ByteBuffer buffer) {
    if (buffers.size() < MOST_BUFFERS) {
      buffers.push(buffer.clear());
    }
  }

  private void startConnecting() throws IOException {
    while (connecting < MOST_CONNECTING && !toConnect.isEmpty()) {
      Waiting next = toConnect.poll();
      SocketChannel channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
      ClientHandshake handshake = ClientHandshake.create(random, List.of(), offers);
      Counting handler = new Counting(next.handler());
      LoadConnection connection =
          new LoadConnection(this, channel, key, handler, handshake, maskKeys);
      key.attach(new Attached(connection, request(next.target(), handshake)));
      connecting++;
      try {
        if (channel.connect(server)) {
          connection.connected(request(next.target(), handshake));
        }
      } catch (IOException e) {
        connection.lost(String.valueOf(e.getMessage()));
      }
    }
  }

  private String request(String target, ClientHandshake handshake) {
    StringBuilder request = new StringBuilder("GET ").append(target).append(" HTTP/1.1\r\nHost: ");
    request.append(server.getHostString()).append(':').append(server.getPort()).append("\r\n");
    for (Header header : handshake.headers()) {
      request.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    for (Header header : fields) {
      request.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    return request.append("\r\n").toString();
  }

  private record Attached(LoadConnection connection, String request) {}

  private void ready(SelectionKey key) {
    Attached attached = (Attached) key.attachment();
    LoadConnection connection = attached.connection();
    try {
      try {
        if (key.isConnectable()) {
          connection.connected(attached.request());
        } else {
          if (key.isWritable()) {
            connection.flush();
          }
          if (key.isValid() && key.isReadable()) {
            read(connection);
          }
        }
      } catch (IOException e) {
        connection.lost(String.valueOf(e.getMessage()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(LoadConnection connection) throws IOException {
    int count = connection.channel().read(input.clear());
    if (count < 0) {
      connection.lost("the server ended the connection");
    } else {
      connection.received(input.flip());
    }
  }

  /** Notices when a handshake is over, one way or the other. */
  private final class Counting implements ConnectionHandler {
    private final ConnectionHandler handler;
    private boolean over;

    Counting(ConnectionHandler handler) {
      this.handler = handler;
    }

    private void over() {
      if (!over) {
        over = true;
        connecting--;
      }
    }

    @Override
    public void onOpen(LoadConnection connection) throws IOException {
      over();
      handler.onOpen(connection);
    }

    @Override
    public void onMessage(LoadConnection connection, ByteBuffer payload) throws IOException {
      handler.onMessage(connection, payload);
    }

    @Override
    public void onLost(LoadConnection connection, String why) {
      over();
      handler.onLost(connection, why);
    }
  }

  /** Drops all connections. */
  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
    deflaters.close();
  }
}
