package dev.halley.server.transport;

import dev.halley.server.Limit;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.arrival.Pace;
import dev.halley.server.connection.StreamHandler;
import dev.halley.server.hub.Connected;
import dev.halley.server.hub.ConnectionStart;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.TimerWheel;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.MessageMemory;
import dev.halley.websocket.ProtocolOptions;
import dev.halley.websocket.WebSocketProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries bytes between a connection and the protocol core, which holds the rules; owns the timers
 * that the core asks for. While the peer doesn't take what it is sent, or what it sent isn't done
 * with, it isn't read, so that neither replies nor work can pile up.
 */
abstract class WebSocketHandler extends StreamHandler
    implements TimerWheel.Task, Connected, MessageMemory {
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** While it isn't read, a message may be late without end. */
  private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A message of which more than this has come must go on; a smaller one may stand still. */
  private static final int LITTLE = 16 << 10;

  private static final ByteBuffer NO_PAYLOAD = ByteBuffer.allocate(0);

  private final SocketContext server;
  private final WebSocketProtocol protocol;
  private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
  private final ConnectionStart start;
  private long lastReadNanos;
  private Arrivals.@Nullable Share share;
  private @Nullable Unfinished unfinished;
  private boolean lingering;

  WebSocketHandler(SocketContext server, Optional<DeflateParameters> agreed, MessageLimits limits) {
    this.server = server;
    this.start = server.shard().newStart();
    this.protocol =
        WebSocketProtocol.server(
            new ProtocolOptions(limits, false, agreed.map(server.deflation()::compression), this));
  }

  // ---- for the kinds of sockets ----

  /** A message has come; its payload is the protocol's until this returns. */
  abstract void onMessage(boolean text);

  /** What bounds a message. */
  Limit messageLimit() {
    return Limit.PAYLOAD;
  }

  /** The handshake is over. */
  abstract void onStart();

  /** No message can be sent any more. May be called more than once. */
  abstract void onClosing();

  /** The peer's close frame has come; the protocol has its code and reason. */
  void onCloseReceived() {}

  /** The connection is gone. */
  void onGone() {}

  /** There is room again after there was none; no write is under way. */
  abstract void onWritable();

  /** Some time has passed: closes if it has to, and says whether it goes on. */
  boolean onTick() {
    return true;
  }

  /** When {@link #onTick} is to be called at the latest, in nanoseconds, at most {@code most}. */
  long nextTick(long most) {
    return most;
  }

  /** {@link #nextTick} has changed. */
  final void tickAnew() {
    server.shard().timers().set(timer, nextTick(most(server.shard().timers().nanoTime())));
  }

  private long most(long now) {
    long heartbeat = server.config().timing().heartbeat().toNanos();
    return unfinished == null
        ? heartbeat
        : Math.clamp(messageNanosLeft(now), LEAST_NANOS, heartbeat);
  }

  /** Whether what was read is done with as far as more may be read. */
  boolean mayRead() {
    return true;
  }

  /**
   * Goes on reading or pauses, as it must be from now on; silence counts anew. After the end all is
   * read, to drop it.
   */
  final void updateReading() {
    connection().setReading(!protocol.canSend() || (connection().isWritable() && mayRead()));
    lastReadNanos = server.shard().timers().nanoTime();
  }

  /** One read begins: its bytes, and the same bytes as the protocol will see them. */
  void onReadBegin(ByteBuf input, ByteBuffer bytes) {}

  /** The protocol answers for itself now; what was answered before must be sent before. */
  void onReply() {}

  /** All that one read brought has been handed over. */
  void onReadEnd() {}

  final SocketContext server() {
    return server;
  }

  final WebSocketProtocol protocol() {
    return protocol;
  }

  final boolean canWrite() {
    return protocol.canSend() && connection().isWritable();
  }

  /** A message as the protocol sends it. */
  final ByteBuf encode(boolean text, ByteBuffer payload) {
    int most = protocol.messageLength(payload.remaining());
    ByteBuf frame = connection().allocator().directBuffer(most);
    try {
      ByteBuffer out = frame.internalNioBuffer(0, most);
      int start = out.position();
      if (text) {
        protocol.writeText(payload, out);
      } else {
        protocol.writeBinary(payload, out);
      }
      return frame.writerIndex(out.position() - start);
    } catch (Throwable e) {
      frame.release();
      throw e;
    }
  }

  /** Sends whole frames now. The buffer is taken over. */
  final void send(ByteBuf frames) {
    connection().writeAndFlush(frames);
  }

  /** Sends whole frames when all that has been read is handled. The buffer is taken over. */
  final void sendAtReadEnd(ByteBuf frames) {
    connection().write(frames);
  }

  /** Begins the close handshake. */
  final void closeWith(int code, String reason) {
    if (!protocol.canSend()) {
      return;
    }
    onClosing();
    ByteBuf frame = connection().allocator().directBuffer(WebSocketProtocol.MAX_CONTROL_LENGTH);
    ByteBuffer bytes = frame.internalNioBuffer(0, WebSocketProtocol.MAX_CONTROL_LENGTH);
    int start = bytes.position();
    protocol.writeClose(code, reason, bytes);
    send(frame.writerIndex(bytes.position() - start));
    updateReading();
    server.shard().timers().set(timer, CLOSE_NANOS);
  }

  // ---- what arrives ----

  /** A message while it arrives in several reads. */
  private static final class Unfinished {
    private final Pace pace;
    private final long began;
    private int length;

    Unfinished(Pace pace, long began) {
      this.pace = pace;
      this.began = began;
    }
  }

  @Override
  public final boolean mayHold(long bytes) {
    Arrivals.Share mine = share;
    if (mine == null) {
      mine = server.hub().arrivals().share(client().getAddress());
      share = mine;
    }
    return mine.hold(bytes);
  }

  /** The message has been handled, or there won't be one. */
  private void holdNothing() {
    if (share != null) {
      share.release();
      share = null;
    }
  }

  /** One read is done with: sees to it that a message which has begun comes to an end. */
  private void followMessage() {
    if (!protocol.isWithinMessage()) {
      unfinished = null;
      return;
    }
    long now = server.shard().timers().nanoTime();
    Unfinished message = unfinished;
    if (message == null) {
      long patience = server.config().timing().handshake().toNanos();
      message = new Unfinished(new Pace(patience, now), now);
      unfinished = message;
    }
    int length = protocol.assembledLength();
    boolean wasLittle = message.length <= LITTLE;
    message.pace.arrived(length - message.length, now);
    message.length = length;
    if (wasLittle && length > LITTLE && protocol.canSend()) {
      tickAnew();
    }
  }

  /** How long the message that has begun may still stand still; for ever if there is none. */
  private long messageNanosLeft(long now) {
    Unfinished message = unfinished;
    if (message == null) {
      return Long.MAX_VALUE;
    }
    return message.length > LITTLE
        ? message.pace.left(now, server.hub().arrivals().isShort())
        : server.config().timing().silence().toNanos() - (now - message.began);
  }

  // ---- for the operator ----

  @Override
  public final ConnectionStart start() {
    return start;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return client();
  }

  @Override
  public final long pendingBytes() {
    return connection().pendingBytes();
  }

  @Override
  public Collection<Subscription> subscriptions() {
    return List.of();
  }

  @Override
  public final void disconnect() {
    closeWith(CloseCode.POLICY_VIOLATION, "The operator ended this connection");
  }

  // ---- the connection ----

  @Override
  protected final void onOpen() {
    server.shard().meters().connections(via()).increment();
    lastReadNanos = server.shard().timers().nanoTime();
    tickAnew();
    onStart();
  }

  @Override
  protected final void onRead(ByteBuf input) {
    lastReadNanos = server.shard().timers().nanoTime();
    receive(input);
  }

  @Override
  protected final void onClosed() {
    server.shard().meters().connections(via()).decrement();
    server.shard().timers().cancel(timer);
    try {
      onClosing();
    } finally {
      try {
        onGone();
      } finally {
        protocol.release();
        holdNothing();
      }
    }
  }

  @Override
  protected final void onAbandoned() {
    try {
      onClosing();
    } finally {
      protocol.release();
      holdNothing();
    }
  }

  @Override
  protected final void onWritabilityChanged(boolean writable) {
    updateReading();
    if (writable) {
      connection().execute(this::onWritable);
    }
  }

  @Override
  protected final void onFailure(Throwable cause) {
    server.metrics().connectionFailed(cause);
  }

  @Override
  public final void abort() {
    connection().close();
  }

  /** Ends it now, because of what was thrown by something that was done for it later. */
  final void endBy(Throwable cause) {
    onFailure(cause);
    connection().close();
  }

  /** A peer that was asked before all stood still is asked once more: it may have, too. */
  @Override
  public final void onLateDeadline(long nanoTime) {
    long heartbeat = server.config().timing().heartbeat().toNanos();
    long silence = server.config().timing().silence().toNanos();
    long most = Math.min(heartbeat, silence / 2);
    lastReadNanos = nanoTime - Math.min(nanoTime - lastReadNanos, most);
    onDeadline(nanoTime);
  }

  @Override
  public final void onDeadline(long nanoTime) {
    if (!protocol.canSend()) {
      LastWords.await(
          connection(), server.shard().timers(), server.config().timing().silence().toNanos());
      return;
    }
    if (!onTick()) {
      return;
    }
    long messageLeft = mayRead() && connection().isWritable() ? messageNanosLeft(nanoTime) : 1;
    if (messageLeft <= 0) {
      server.metrics().exceed(Limit.HANDSHAKE_TIMEOUT);
      closeWith(
          CloseCode.POLICY_VIOLATION,
          "A message that has begun must go on with " + Pace.BYTES_PER_SECOND + " bytes a second");
      return;
    }
    long heartbeat = server.config().timing().heartbeat().toNanos();
    long silent = nanoTime - lastReadNanos;
    long next = heartbeat;
    long silence = server.config().timing().silence().toNanos();
    if (canWrite()) {
      if (silent >= silence) {
        closeSilent();
        return;
      }
      if (silent >= heartbeat) {
        sendPing();
        next = Math.min(heartbeat, silence - silent);
      } else {
        next = Math.min(heartbeat, heartbeat - silent);
      }
    } else {
      // A peer that is slow to read can't answer pings either: nobody is closed for being slow, but
      // for being gone.
      long unanswered = connection().unansweredNanos();
      if (unanswered >= silence) {
        server.metrics().silent().increment();
        server.metrics().exceed(Limit.SILENCE_TIMEOUT);
        connection().close();
        return;
      }
      next = unanswered > 0 ? Math.min(heartbeat, silence - unanswered) : heartbeat;
    }
    server.shard().timers().set(timer, nextTick(Math.min(next, most(nanoTime))));
  }

  /** The silence may be our own: what wasn't read can't be an answer. */
  private void closeSilent() {
    server.metrics().silent().increment();
    server.metrics().exceed(Limit.SILENCE_TIMEOUT);
    if (mayRead()) {
      closeWith(CloseCode.INTERNAL_ERROR, "Nothing came for too long, pings notwithstanding");
    } else {
      closeWith(CloseCode.TRY_AGAIN_LATER, "What came before isn't done with for too long");
    }
  }

  @Override
  public final void onDrain() {
    closeWith(CloseCode.GOING_AWAY, "The server stops");
  }

  private void receive(ByteBuf input) {
    int length = input.readableBytes();
    ByteBuffer bytes =
        input.nioBufferCount() == 1
            ? input.internalNioBuffer(input.readerIndex(), length)
            : ByteBuffer.wrap(ByteBufUtil.getBytes(input));
    onReadBegin(input, bytes);
    boolean more = true;
    while (more) {
      switch (protocol.receive(bytes)) {
        case NEED_INPUT -> more = false;
        case TEXT -> onWhole(true);
        case BINARY -> onWhole(false);
        case PING -> reply();
        case PONG -> {}
        case TEXT_PART, BINARY_PART -> throw new IllegalStateException("Messages come whole");
        case CLOSE -> {
          onCloseReceived();
          onClosing();
          reply();
        }
        case FAILURE -> {
          if (protocol.closeCode() != CloseCode.TRY_AGAIN_LATER) {
            server.metrics().protocolErrors().increment();
          }
          if (protocol.closeCode() == CloseCode.MESSAGE_TOO_BIG) {
            server.metrics().exceed(messageLimit());
          }
          onClosing();
          reply();
          holdNothing();
        }
      }
    }
    onReadEnd();
    followMessage();
    if (protocol.shouldCloseTransport()) {
      lingerThenClose();
    }
  }

  private void onWhole(boolean text) {
    onMessage(text);
    holdNothing();
  }

  /**
   * Ends our side of the connection and drops what the peer still sends, until it ends its side:
   * closing a socket with unread input resets it, and our close frame might never be seen.
   */
  private void lingerThenClose() {
    if (!lingering) {
      lingering = true;
      updateReading();
      connection().endOutput();
      server.shard().timers().set(timer, CLOSE_NANOS);
    }
  }

  /** Sends the answer of the protocol to the last event, after what was answered before. */
  private void reply() {
    int length = protocol.replyLength();
    if (length > 0) {
      onReply();
      ByteBuf frame = connection().allocator().directBuffer(length);
      protocol.writeReply(frame.internalNioBuffer(0, length));
      sendAtReadEnd(frame.writerIndex(length));
    }
  }

  private void sendPing() {
    int length = protocol.messageLength(0);
    ByteBuf frame = connection().allocator().directBuffer(length);
    protocol.writePing(NO_PAYLOAD, frame.internalNioBuffer(0, length));
    send(frame.writerIndex(length));
  }
}
