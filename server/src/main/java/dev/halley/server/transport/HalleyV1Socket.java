package dev.halley.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Batch;
import dev.halley.broker.ChannelNames;
import dev.halley.broker.Cursor;
import dev.halley.broker.Gap;
import dev.halley.broker.Payload;
import dev.halley.broker.PresenceChannels;
import dev.halley.broker.Publication;
import dev.halley.broker.ReadLimit;
import dev.halley.server.Limit;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Grant;
import dev.halley.server.access.KeysPendingException;
import dev.halley.server.access.Refusal;
import dev.halley.server.access.RefusedException;
import dev.halley.server.hub.RateExceeded;
import dev.halley.server.hub.StreamStart;
import dev.halley.server.hub.Subscription;
import dev.halley.server.hub.WireForm;
import dev.halley.server.meter.Via;
import dev.halley.server.wire.JsonInput;
import dev.halley.server.wire.JsonText;
import dev.halley.server.wire.PollBody;
import dev.halley.server.wire.PresenceBody;
import dev.halley.websocket.CloseCode;
import dev.halley.websocket.DeflateParameters;
import io.netty.buffer.ByteBuf;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;

/**
 * A WebSocket with the subprotocol {@code halley.v1}: JSON commands, many channels on one
 * connection.
 */
public final class HalleyV1Socket extends ListenerSocket {
  /** The subprotocol's name in the handshake. */
  public static final String SUBPROTOCOL = "halley.v1";

  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int TOO_LARGE = 413;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;
  private static final int MAX_IDEMPOTENCY_KEY = 255;

  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private boolean closing;

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
    for (Subscription subscription :
        StreamStart.subscribe(server.shard(), this, channels, cursors)) {
      subscriptions.put(subscription.channel(), subscription);
    }
  }

  /** The cursors at which reading begins, empty without channels. */
  public String positions() {
    return StreamStart.positions(List.copyOf(subscriptions.values()));
  }

  // ---- the connection ----

  @Override
  Limit messageLimit() {
    return Limit.REQUEST_BODY;
  }

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
    leave();
    subscriptions.values().forEach(Subscription::cancel);
    subscriptions.clear();
  }

  @Override
  void onWritable() {
    for (Subscription subscription : List.copyOf(subscriptions.values())) {
      subscription.resume();
    }
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
      command = Command.parse(bytes);
    } catch (JacksonException | IllegalArgumentException e) {
      closeWith(HalleyCloseCode.BAD_COMMAND, firstBytes(JsonInput.reason(e)));
      return;
    }
    execute(command);
  }

  // ---- commands ----

  private void execute(Command command) {
    if (command.problem().isPresent()) {
      refuse(command, BAD_REQUEST, command.problem().get());
      return;
    }
    if (command.op().equals("refresh")) {
      refresh(command);
      return;
    }
    Optional<String> channel = command.channel().filter(ChannelNames::isValid);
    if (channel.isEmpty()) {
      refuse(command, BAD_REQUEST, ChannelNames.RULE);
      return;
    }
    if (caller() instanceof AskedCaller asked) {
      executeInTurn(command, channel.get(), asked);
    } else {
      execute(command, channel.get());
    }
  }

  private void execute(Command command, String channel) {
    switch (command.op()) {
      case "subscribe" -> subscribe(command, channel);
      case "unsubscribe" -> unsubscribe(command, channel);
      case "publish" -> publish(command, channel);
      case "history" -> history(command, channel);
      case "presence" -> presence(command, channel);
      default ->
          refuse(
              command,
              BAD_REQUEST,
              "The ops are subscribe, unsubscribe, publish, history, presence and refresh");
    }
  }

  /** Behind what came before it on the channel, and asked about where the rules say so. */
  private void executeInTurn(Command command, String channel, AskedCaller asked) {
    boolean hasRoom =
        switch (command.op()) {
          case "subscribe" ->
              !asked.asksToSubscribe(channel)
                  ? wait(command, channel)
                  : !hasRoomFor(command, channel)
                      || takeTurn(
                          channel,
                          0,
                          () -> server().admission().subscribe(asked, channel),
                          grant -> subscribe(command, channel, grant),
                          refusal -> refuse(command, refusal));
          case "history" ->
              !asked.asksToSubscribe(channel)
                  ? wait(command, channel)
                  : takeTurn(
                      channel,
                      0,
                      () -> server().admission().subscribe(asked, channel),
                      grant -> readHistory(command, channel),
                      refusal -> refuse(command, refusal));
          case "presence" ->
              !asked.asksToSubscribe(channel)
                  ? wait(command, channel)
                  : takeTurn(
                      channel,
                      0,
                      () -> server().admission().subscribe(asked, channel),
                      grant -> tellPresence(command, channel),
                      refusal -> refuse(command, refusal));
          case "publish" ->
              !asked.asksToPublish(channel)
                  ? wait(command, channel)
                  : !isWhole(command, channel)
                      || takeTurn(
                          channel,
                          command.payload().orElseThrow().size(),
                          () ->
                              server()
                                  .admission()
                                  .publish(asked, channel, command.payload().orElseThrow()),
                          grant -> publishNow(command, channel),
                          refusal -> refuse(command, refusal));
          default -> wait(command, channel);
        };
    if (!hasRoom) {
      refuse(command, UNAVAILABLE, "Too many commands wait for the application");
    }
  }

  /** Nobody is asked about it, but it isn't done before what is. */
  private boolean wait(Command command, String channel) {
    if (!isWaiting(channel)) {
      execute(command, channel);
      return true;
    }
    return takeTurn(
        channel,
        command.payload().map(Payload::size).orElse(0),
        () -> CompletableFuture.completedFuture(Grant.NOTHING),
        grant -> execute(command, channel),
        refusal -> refuse(command, refusal));
  }

  private void subscribe(Command command, String channel, Grant grant) {
    if (caller() instanceof AskedCaller asked) {
      try {
        become(asked.subscribed(channel, grant, server().admission().now()));
      } catch (RefusedException e) {
        refuse(command, e.refusal());
        return;
      }
      subscribe(command, channel);
    }
  }

  /** Takes another token of the same subject, which must allow what is subscribed. */
  private void refresh(Command command) {
    if (closing) {
      return;
    }
    if (command.token().isEmpty()) {
      refuse(command, BAD_REQUEST, "A refresh has a \"token\"");
      return;
    }
    if (caller() instanceof AskedCaller asked && server().config().tokens().isEmpty()) {
      askAgain(
          asked.withToken(command.token().get()),
          renewed -> {
            renew(renewed);
            answer(command, V1Messages.expiresProperty(renewed));
          },
          cause -> refuse(command, refusalOf(cause)));
      return;
    }
    Caller renewed;
    try {
      renewed = server().access().renew(caller(), command.token().get());
    } catch (RefusedException e) {
      refuse(command, e.refusal());
      return;
    } catch (KeysPendingException e) {
      server()
          .hub()
          .onLoop(
              server().shard().eventLoop(),
              e.fetch(),
              done -> refresh(command),
              cause -> refuse(command, UNAVAILABLE, reason(cause)));
      return;
    }
    for (String channel : subscriptions.keySet()) {
      Optional<Refusal> refusal = renewed.subscribeRefusal(channel);
      if (refusal.isPresent()) {
        refuse(command, refusal.get());
        return;
      }
    }
    renew(renewed);
    answer(command, V1Messages.expiresProperty(renewed));
  }

  @Override
  void onExpiring() {
    say(V1Messages.expires(caller()));
  }

  /** Refuses a subscription that there is no room for; says whether there is. */
  private boolean hasRoomFor(Command command, String channel) {
    int most = server().config().limits().channelsPerConnection();
    if (subscriptions.containsKey(channel)) {
      refuse(command, BAD_REQUEST, "This connection is subscribed to that channel");
      return false;
    }
    if (subscriptions.size() >= most) {
      server().metrics().exceed(Limit.CHANNELS_PER_CONNECTION);
      refuse(command, BAD_REQUEST, "A connection subscribes to at most " + most + " channels");
      return false;
    }
    return true;
  }

  private void subscribe(Command command, String channel) {
    Optional<Refusal> refusal = caller().subscribeRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
    } else if (server().hub().policies().listenProblem(channel).isPresent()) {
      refuse(command, NOT_FOUND, server().hub().policies().listenProblem(channel).get());
    } else if (hasRoomFor(command, channel)) {
      StreamStart.resolve(
          server().hub(),
          server().shard(),
          List.of(channel),
          List.of(command.since().orElseGet(Cursor.Latest::new)),
          cursors -> start(command, channel, cursors),
          cause -> refuse(command, UNAVAILABLE, reason(cause)));
    }
  }

  private void start(Command command, String channel, List<Cursor> cursors) {
    if (closing || subscriptions.containsKey(channel)) {
      return;
    }
    Subscription subscription;
    try {
      subscription =
          StreamStart.subscribe(server().shard(), this, List.of(channel), cursors).getFirst();
    } catch (RuntimeException e) {
      refuse(command, UNAVAILABLE, reason(e));
      return;
    }
    subscriptions.put(channel, subscription);
    answer(command, "\"position\":\"" + subscription.position() + "\"");
    subscription.start();
  }

  private void unsubscribe(Command command, String channel) {
    Subscription subscription = subscriptions.remove(channel);
    if (subscription == null) {
      refuse(command, BAD_REQUEST, "This connection is not subscribed to that channel");
      return;
    }
    answer(command, "\"position\":\"" + subscription.position() + "\"");
    subscription.cancel();
    if (caller() instanceof AskedCaller asked && !listensTo(PresenceChannels.watched(channel))) {
      become(asked.unsubscribed(channel));
    }
  }

  /** Be it to who comes and goes there: both are allowed by the same. */
  private boolean listensTo(String channel) {
    return subscriptions.containsKey(channel)
        || subscriptions.containsKey(PresenceChannels.of(channel));
  }

  private void publish(Command command, String channel) {
    Optional<Refusal> refusal = caller().publishRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
    } else if (isWhole(command, channel)) {
      publishNow(command, channel);
    }
  }

  /** Refuses what is no publication, whoever sends it; says whether it is one. */
  private boolean isWhole(Command command, String channel) {
    int most = server().hub().policies().rules(channel).payload();
    if (command.payload().isEmpty()) {
      refuse(command, BAD_REQUEST, "A publication has \"data\" or \"base64\"");
    } else if (command.payload().get().size() > most) {
      server().metrics().exceed(Limit.PAYLOAD);
      refuse(command, TOO_LARGE, "A publication on this channel has at most " + most + " bytes");
    } else if (command.idempotencyKey().filter(HalleyV1Socket::isNoKey).isPresent()) {
      refuse(
          command,
          BAD_REQUEST,
          "An idempotencyKey has 1 to " + MAX_IDEMPOTENCY_KEY + " characters");
    } else {
      return true;
    }
    return false;
  }

  private void publishNow(Command command, String channel) {
    Optional<RateExceeded> exceeded = takeRate(channel);
    if (exceeded.isPresent()) {
      refuse(command, TOO_MANY, exceeded.get().rule());
      return;
    }
    publish(
        channel,
        command.payload().orElseThrow(),
        command.idempotencyKey(),
        position -> answer(command, "\"position\":\"" + position + "\""),
        cause -> refuse(command, UNAVAILABLE, reason(cause)));
  }

  private static boolean isNoKey(String key) {
    return key.isEmpty() || key.length() > MAX_IDEMPOTENCY_KEY;
  }

  private void history(Command command, String channel) {
    Optional<Refusal> refusal = caller().subscribeRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
      return;
    }
    readHistory(command, channel);
  }

  private void readHistory(Command command, String channel) {
    int most = server().config().limits().pollPublications();
    int limit = Math.min(command.limit().orElse(most), most);
    server()
        .hub()
        .onLoop(
            server().shard().eventLoop(),
            server()
                .hub()
                .broker()
                .history(
                    channel,
                    command.since().orElseGet(Cursor.Earliest::new),
                    new ReadLimit(limit, server().config().limits().pollBytes())),
            batch -> answerHistory(command, channel, batch),
            cause -> refuse(command, UNAVAILABLE, reason(cause)));
  }

  private void presence(Command command, String channel) {
    Optional<Refusal> refusal = caller().subscribeRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
    } else {
      tellPresence(command, channel);
    }
  }

  private void tellPresence(Command command, String channel) {
    Optional<String> problem = server().hub().policies().presenceProblem(channel);
    if (problem.isPresent()) {
      refuse(command, NOT_FOUND, problem.get());
    } else {
      server()
          .hub()
          .onLoop(
              server().shard().eventLoop(),
              server().hub().broker().presence().orElseThrow().present(channel),
              present -> answer(command, PresenceBody.properties(present)),
              cause -> refuse(command, UNAVAILABLE, reason(cause)));
    }
  }

  private void answerHistory(Command command, String channel, Batch batch) {
    ByteBuf body =
        PollBody.encode(
            connection().allocator(),
            List.of(channel),
            List.of(batch),
            batch.position().toString());
    try {
      // The body of a poll is an object: its properties stand behind the id.
      String properties = body.toString(body.readerIndex() + 1, body.readableBytes() - 3, UTF_8);
      answer(command, properties);
    } finally {
      body.release();
    }
  }

  private void answer(Command command, String properties) {
    say("{\"id\":" + command.id() + "," + properties + "}");
  }

  private void refuse(Command command, Refusal refusal) {
    refuse(command, refusal.status(), refusal.rule());
  }

  private void refuse(Command command, int code, String rule) {
    server().metrics().refusedRequests().increment();
    answer(command, "\"error\":{\"code\":" + code + ",\"message\":" + JsonText.escape(rule) + "}");
  }

  private void say(String json) {
    if (protocol().canSend()) {
      sendAtReadEnd(forms().halleyV1.encode(connection().allocator(), json));
      connection().execute(connection()::flush);
    }
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
