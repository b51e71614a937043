package dev.halley.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.Failures;
import dev.halley.server.app.Request;
import dev.halley.server.app.WebSocketEndpoint;
import dev.halley.server.app.WebSocketListener;
import dev.halley.server.app.WebSocketSession;
import dev.halley.server.meter.Via;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.DeflateParameters;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A WebSocket of the application. Its listener is called on the event loop; its session may be used
 * by any thread, and hands over to the loop what it is given.
 */
public final class ApplicationSocket extends WebSocketHandler implements WebSocketSession {
  private static final WebSocketListener NOBODY = new WebSocketListener() {};

  /** What a message that waits for the loop costs beside its payload. */
  private static final int MESSAGE_OVERHEAD = 128;

  private final WebSocketEndpoint endpoint;
  private final Request request;

  /** Bytes that other threads have handed over and the loop hasn't sent yet. */
  private final AtomicInteger handedOver = new AtomicInteger();

  private WebSocketListener listener = NOBODY;
  private boolean reading;
  private int closeCode = CloseCode.ABNORMAL;
  private String closeReason = "";

  /** Whether messages are taken; written on the loop only. */
  private volatile boolean open;

  /**
   * A socket; calls the endpoint when it has a connection.
   *
   * @param agreed permessage-deflate, where the handshake agreed on it
   */
  public ApplicationSocket(
      SocketContext server,
      Optional<DeflateParameters> agreed,
      WebSocketEndpoint endpoint,
      Request request) {
    super(server, agreed, server.messageLimits());
    this.endpoint = endpoint;
    this.request = request;
  }

  // ---- on the event loop ----

  @Override
  public Via via() {
    return Via.APPLICATION;
  }

  @Override
  void onStart() {
    open = true;
    tell(ignored -> listener = endpoint.open(request, this));
  }

  @Override
  void onReadBegin(ByteBuf input, ByteBuffer bytes) {
    reading = true;
  }

  @Override
  void onReadEnd() {
    reading = false;
  }

  @Override
  void onMessage(boolean text) {
    ByteBuffer payload = protocol().payload();
    if (text) {
      tell(it -> it.onText(UTF_8.decode(payload).toString()));
    } else {
      tell(it -> it.onBinary(payload));
    }
  }

  @Override
  void onClosing() {
    open = false;
  }

  @Override
  void onCloseReceived() {
    closeCode = protocol().closeCode();
    closeReason = protocol().closeReason();
  }

  @Override
  void onGone() {
    tell(it -> it.onClose(closeCode, closeReason));
    listener = NOBODY;
  }

  @Override
  void onWritable() {}

  /** Calls the application, whose defects end this socket and nothing else. */
  private void tell(Consumer<WebSocketListener> call) {
    try {
      call.accept(listener);
    } catch (Throwable e) {
      server().metrics().internalErrors().increment();
      server().metrics().failures().contain(Failures.Place.APPLICATION, e);
      closeWith(CloseCode.INTERNAL_ERROR, "The application failed");
    }
  }

  // ---- from any thread ----

  @Override
  public boolean sendText(String text) {
    return open && offer(true, ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  @Override
  public boolean sendBinary(ByteBuffer data) {
    if (!open) {
      return false;
    }
    byte[] copy = new byte[data.remaining()];
    data.get(data.position(), copy);
    return offer(false, ByteBuffer.wrap(copy));
  }

  @Override
  public void close(int code, String reason) {
    if (!CloseCode.isValidOnWire(code)) {
      throw new IllegalArgumentException("A close frame can't carry the code " + code);
    }
    if (inEventLoop()) {
      closeWith(code, reason);
    } else {
      onLoop(() -> closeWith(code, reason));
    }
  }

  @Override
  public boolean isWritable() {
    return open
        && connection().isWritable()
        && handedOver.get() < server().config().limits().pendingBytes();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return request.remoteAddress();
  }

  private boolean inEventLoop() {
    return server().shard().eventLoop().inEventLoop();
  }

  private boolean offer(boolean text, ByteBuffer payload) {
    if (!isWritable()) {
      return false;
    }
    if (inEventLoop()) {
      write(text, payload);
    } else {
      int cost = payload.remaining() + MESSAGE_OVERHEAD;
      handedOver.addAndGet(cost);
      onLoop(
          () -> {
            handedOver.addAndGet(-cost);
            write(text, payload);
          });
    }
    return true;
  }

  /**
   * What was taken and can't be sent after all ends the socket: it must not be missing in silence.
   */
  private void onLoop(Runnable task) {
    server()
        .shard()
        .eventLoop()
        .execute(
            () -> {
              try {
                task.run();
              } catch (Throwable e) {
                endBy(e);
              }
            });
  }

  private void write(boolean text, ByteBuffer payload) {
    if (!protocol().canSend()) {
      return;
    }
    ByteBuf frame = encode(text, payload);
    if (reading) {
      sendAtReadEnd(frame);
    } else {
      send(frame);
    }
  }
}
