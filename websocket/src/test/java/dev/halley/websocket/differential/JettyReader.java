package dev.halley.websocket.differential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.exception.CloseException;
import org.eclipse.jetty.websocket.core.internal.FrameSequence;
import org.eclipse.jetty.websocket.core.internal.MessageHandler;
import org.eclipse.jetty.websocket.core.internal.Parser;
import org.eclipse.jetty.websocket.core.util.FrameValidation;

/**
 * Jetty's parser, its checks of frames and their sequence, and its putting together of messages.
 */
final class JettyReader extends MessageHandler implements Reader {
  private final Session session;
  private final Parser parser;
  private final FrameSequence sequence = new FrameSequence();
  private final List<String> events = new ArrayList<>();
  private boolean over;

  JettyReader(boolean server) {
    session = new Session(server ? Behavior.SERVER : Behavior.CLIENT);
    session.setAutoFragment(false);
    session.setMaxFrameSize(FRAME_LIMIT);
    session.setMaxTextMessageSize(100 * FRAME_LIMIT);
    session.setMaxBinaryMessageSize(100 * FRAME_LIMIT);
    parser = new Parser(ByteBufferPool.NON_POOLING, session);
    onOpen(session, Callback.NOOP);
  }

  @Override
  public void receive(ByteBuffer input) {
    while (!over) {
      try (Frame.Parsed frame = parser.parse(input)) {
        if (frame == null) {
          return;
        }
        FrameValidation.assertValidIncoming(frame, session);
        sequence.check(frame.getOpCode(), frame.isFin());
        onFrame(frame, Callback.from(() -> {}, this::fail));
      } catch (CloseException e) {
        fail(e);
      }
    }
  }

  @Override
  public List<String> events() {
    return events;
  }

  private void fail(Throwable cause) {
    over = true;
    events.add("FAIL " + ((CloseException) cause).getStatusCode());
  }

  @Override
  protected void onText(String message, Callback callback) {
    events.add("TEXT " + hex(message.getBytes(StandardCharsets.UTF_8)));
    callback.succeeded();
  }

  @Override
  protected void onBinary(ByteBuffer message, Callback callback) {
    events.add("BINARY " + hex(BufferUtil.toArray(message)));
    callback.succeeded();
  }

  @Override
  protected void onPingFrame(Frame frame, Callback callback) {
    events.add("PING " + hex(BufferUtil.toArray(frame.getPayload())));
    callback.succeeded();
  }

  @Override
  protected void onPongFrame(Frame frame, Callback callback) {
    events.add("PONG " + hex(BufferUtil.toArray(frame.getPayload())));
    callback.succeeded();
  }

  @Override
  protected void onCloseFrame(Frame frame, Callback callback) {
    CloseStatus status = CloseStatus.getCloseStatus(frame);
    String reason = status.getReason() == null ? "" : status.getReason();
    events.add("CLOSE " + status.getCode() + " " + hex(reason.getBytes(StandardCharsets.UTF_8)));
    over = true;
    callback.succeeded();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** A session that nothing is sent on. */
  private static final class Session extends CoreSession.Empty {
    private final Behavior behavior;

    Session(Behavior behavior) {
      this.behavior = behavior;
    }

    @Override
    public Behavior getBehavior() {
      return behavior;
    }
  }
}
