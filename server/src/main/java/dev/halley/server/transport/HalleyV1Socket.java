package dev.halley.server.transport;

import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.server.access.Caller;
import dev.halley.server.arrival.Arrivals;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.WireForm;
import dev.halley.server.meter.Via;
import dev.halley.server.wire.JsonBoundException;
import dev.halley.server.wire.JsonInput;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.DeflateParameters;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A WebSocket with the subprotocol {@code halley.v1}: JSON commands, many channels on one
 * connection.
 */
public final class HalleyV1Socket extends ListenerSocket {
  /** The subprotocol's name in the handshake. */
  public static final String SUBPROTOCOL = "halley.v1";

  /** What a command takes up that waits, besides its payload. */
  private static final int COMMAND_COST = 1_024;

  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private final V1Commands commands;
  private boolean closing;

  /** Commands that have been read and wait until there is room for their answers. */
  private @Nullable Queue<Command> deferred;

  private Arrivals.@Nullable Share deferredShare;

  /**
   * Subscribes to the channels of the URL; sends nothing before it has a connection.
   *
   * @param agreed permessage-deflate, where the handshake agreed on it
   * @throws dev.halley.broker.BrokerUnavailableException if a channel can't be followed now
   */
  public HalleyV1Socket(
      SocketContext server,
      Optional<DeflateParameters> agreed,
      List<String> channels,
      List<Cursor> cursors,
      Caller caller) {
    super(server, agreed, server.commandLimits(), caller);
    commands = new V1Commands(this);
    for (Subscription subscription :
        StreamStart.subscribe(server.shard(), this, channels, cursors)) {
      add(subscription);
    }
  }

  /** The cursors at which reading begins, empty without channels. */
  public String positions() {
    return StreamStart.positions(List.copyOf(subscriptions.values()));
  }

  // ---- the connection ----

  @Override
  void onStart() {
    for (Subscription subscription : List.copyOf(subscriptions.values())) {
      say(V1Messages.subscribed(subscription));
      subscription.start();
    }
  }

  @Override
  protected void onMoved() {
    subscriptions.values().forEach(Subscription::outletChanged);
  }

  @Override
  void onClosing() {
    closing = true;
    forgetDeferred();
    try {
      leave();
    } finally {
      subscriptions.values().forEach(Subscription::cancel);
      subscriptions.clear();
    }
  }

  @Override
  void onWritable() {
    Subscription.resumeAll(List.copyOf(subscriptions.values()));
    executeDeferred();
  }

  @Override
  void onMessage(boolean text) {
    if (closing) {
      return;
    }
    if (!text) {
      closeWith(CloseCode.UNSUPPORTED_DATA, "Commands are text");
      return;
    }
    byte[] bytes = new byte[protocol().payloadLength()];
    protocol().payloadBuffer().get(protocol().payloadOffset(), bytes);
    Command command;
    try {
      command = Command.parse(bytes, server().jsonBounds());
    } catch (JacksonException | IllegalArgumentException e) {
      if (e instanceof JsonBoundException beyond) {
        server().metrics().exceed(beyond.limit());
      }
      closeWith(
          HalleyCloseCode.BAD_COMMAND,
          firstBytes("A command is one JSON object: " + JsonInput.reason(e)));
      return;
    }
    if (isBehind() || !connection().isWritable()) {
      defer(command);
    } else {
      commands.execute(command);
    }
  }

  /**
   * One read may bring very many commands, each with a large answer. While the client doesn't take
   * its answers, those that have been read wait, and it isn't read.
   */
  private void defer(Command command) {
    long cost = (long) COMMAND_COST + command.payload().map(Payload::size).orElse(0);
    if (deferred == null) {
      deferred = new ArrayDeque<>();
    }
    if (!mayDefer(cost)) {
      closeWith(CloseCode.TRY_AGAIN_LATER, "Too many commands wait");
      return;
    }
    deferred.add(command);
  }

  private boolean mayDefer(long cost) {
    Arrivals.Share mine = deferredShare;
    if (mine == null) {
      mine = server().hub().arrivals().share(client().getAddress());
      deferredShare = mine;
    }
    return mine.holdComplete(mine.bytes() + cost);
  }

  private void executeDeferred() {
    while (deferred != null && connection().isWritable() && !closing) {
      Command command = deferred.poll();
      if (command == null) {
        forgetDeferred();
        updateReading();
      } else {
        commands.execute(command);
      }
    }
  }

  private void forgetDeferred() {
    deferred = null;
    if (deferredShare != null) {
      deferredShare.release();
      deferredShare = null;
    }
  }

  @Override
  boolean isBehind() {
    return deferred != null;
  }

  @Override
  void onExpiring() {
    say(V1Messages.expires(caller()));
  }

  /** A close reason has at most 123 bytes (RFC 6455 section 5.5). */
  private static String firstBytes(String reason) {
    StringBuilder ascii = new StringBuilder();
    for (int i = 0; i < reason.length() && i < 120; i++) {
      char c = reason.charAt(i);
      ascii.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return ascii.toString();
  }

  // ---- for the commands ----

  /** Whether a command has come too late to do anything. */
  boolean isClosing() {
    return closing;
  }

  boolean isSubscribed(String channel) {
    return subscriptions.containsKey(channel);
  }

  void add(Subscription subscription) {
    subscriptions.put(subscription.channel(), subscription);
  }

  @Nullable Subscription remove(String channel) {
    return subscriptions.remove(channel);
  }

  ByteBufAllocator allocator() {
    return connection().allocator();
  }

  /** Sends a message when all that was read is handled. */
  void say(String json) {
    if (protocol().canSend()) {
      sendAtReadEnd(forms().halleyV1.encode(connection().allocator(), json));
      connection().execute(connection()::flush);
    }
  }

  // ---- the subscriber ----

  @Override
  public Collection<Subscription> subscriptions() {
    return subscriptions.values();
  }

  @Override
  public Via via() {
    return Via.HALLEY_V1;
  }

  @Override
  public Optional<WireForm> sharedForm() {
    return forms().sharedHalleyV1;
  }

  @Override
  public int writeOwn(Subscription subscription, List<Publication> publications) {
    return sendCounted(
        forms().halleyV1.encode(connection().allocator(), subscription.channel(), publications));
  }

  @Override
  public void writeGap(Subscription subscription, Gap gap) {
    say(V1Messages.gap(subscription.channel(), gap));
  }
}
