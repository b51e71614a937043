package dev.halley.server.transport;

import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.hub.RateExceeded;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.WireForm;
import dev.halley.server.meter.Via;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.MessageLimits;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A WebSocket without a subprotocol: each frame is a bare payload, and what the client sends is
 * published on the channel if it is the only one.
 */
public final class RawSocket extends ListenerSocket {
  private static final int LONGEST_REASON = 123;

  private final List<Subscription> subscriptions;

  /**
   * Subscribes; sends nothing before it has a connection.
   *
   * @param agreed permessage-deflate, where the handshake agreed on it
   * @throws dev.halley.broker.BrokerUnavailableException if a channel can't be followed now
   */
  public RawSocket(
      SocketContext server,
      Optional<DeflateParameters> agreed,
      List<String> channels,
      List<Cursor> cursors,
      Caller caller) {
    super(server, agreed, limits(server, channels), caller);
    subscriptions = StreamStart.subscribe(server.shard(), this, channels, cursors);
  }

  /** A message is a publication, so what is too large for the channel ends with 1009. */
  private static MessageLimits limits(SocketContext server, List<String> channels) {
    int payload = server.hub().policies().rules(channels.get(0)).payload();
    return payload == server.config().limits().payload()
        ? server.messageLimits()
        : new MessageLimits(payload, payload);
  }

  /** The cursors at which reading begins. */
  public String positions() {
    return StreamStart.positions(subscriptions);
  }

  @Override
  void onStart() {
    for (int i = 0; i < subscriptions.size(); i++) {
      subscriptions.get(i).start();
    }
  }

  @Override
  protected void onMoved() {
    subscriptions.forEach(Subscription::outletChanged);
  }

  @Override
  void onClosing() {
    try {
      leave();
    } finally {
      for (int i = 0; i < subscriptions.size(); i++) {
        subscriptions.get(i).cancel();
      }
    }
  }

  @Override
  void onWritable() {
    Subscription.resumeAll(subscriptions);
  }

  @Override
  void onMessage(boolean text) {
    if (!protocol().canSend()) {
      return;
    }
    if (subscriptions.size() != 1) {
      closeWith(CloseCode.POLICY_VIOLATION, "Publishing needs a connection to one channel");
      return;
    }
    String channel = subscriptions.get(0).channel();
    Payload.Type type = text ? Payload.Type.TEXT : Payload.Type.BINARY;
    if (caller() instanceof AskedCaller asked && asked.asksToPublish(channel)) {
      askToPublish(asked, channel, Payload.wrap(type, copyOfPayload()));
      return;
    }
    Optional<Refusal> refusal = caller().publishRefusal(channel);
    if (refusal.isPresent()) {
      closeWith(refusal.get());
      return;
    }
    publish(channel, Payload.wrap(type, copyOfPayload()));
  }

  private void askToPublish(AskedCaller asked, String channel, Payload payload) {
    boolean hasRoom =
        takeTurn(
            channel,
            payload.size(),
            () -> server().admission().publish(asked, channel, payload),
            allowed -> publish(channel, payload),
            this::closeWith);
    if (!hasRoom) {
      closeWith(CloseCode.TRY_AGAIN_LATER, "Too much waits for the application");
    }
  }

  private void closeWith(Refusal refusal) {
    int code =
        switch (refusal.status()) {
          case Refusal.FORBIDDEN -> HalleyCloseCode.FORBIDDEN;
          case Refusal.UNAVAILABLE -> CloseCode.TRY_AGAIN_LATER;
          default -> HalleyCloseCode.UNAUTHORIZED;
        };
    closeWith(code, refusal.rule());
  }

  private void publish(String channel, Payload payload) {
    Optional<RateExceeded> exceeded = takeRate(channel);
    if (exceeded.isPresent()) {
      // There is no answer to a message, and to drop it would be to lose it in silence.
      closeWith(CloseCode.POLICY_VIOLATION, exceeded.get().rule());
    } else {
      publish(
          channel,
          payload,
          Optional.empty(),
          position -> {},
          cause -> closeWith(CloseCode.TRY_AGAIN_LATER, reason(cause)));
    }
  }

  private byte[] copyOfPayload() {
    ByteBuffer buffer = protocol().payloadBuffer();
    byte[] bytes = new byte[protocol().payloadLength()];
    buffer.get(protocol().payloadOffset(), bytes);
    return bytes;
  }

  @Override
  public Collection<Subscription> subscriptions() {
    return subscriptions;
  }

  @Override
  public Via via() {
    return Via.WEBSOCKET;
  }

  @Override
  public Optional<WireForm> sharedForm() {
    return forms().sharedRaw;
  }

  @Override
  public int writeOwn(Subscription subscription, List<Publication> publications) {
    return sendCounted(
        forms().raw.encode(connection().allocator(), subscription.channel(), publications));
  }

  @Override
  public void writeGap(Subscription subscription, Gap gap) {
    String range = ' ' + gap.from().toString() + ' ' + gap.to();
    String reason = "gap " + subscription.channel() + range;
    closeWith(HalleyCloseCode.GAP, reason.length() <= LONGEST_REASON ? reason : "gap -" + range);
  }
}
