package dev.halley.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Batch;
import dev.halley.broker.ChannelNames;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyConflictException;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.PresenceChannels;
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
import dev.halley.server.wire.JsonText;
import dev.halley.server.wire.PollBody;
import dev.halley.server.wire.PresenceBody;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What each command of {@code halley.v1} does, and whether it may. Used on the connection's event
 * loop.
 */
final class V1Commands {
  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int TOO_LARGE = 413;
  private static final int CONFLICTING = 422;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;
  private static final int MAX_IDEMPOTENCY_KEY = 255;

  private final HalleyV1Socket socket;
  private final SocketContext server;

  /** Channels of subscriptions for which the broker is being asked; one may be there twice. */
  private final List<String> starting = new ArrayList<>(0);

  /** The key of the publication that was refused for a while last. */
  private Optional<String> heldBack = Optional.empty();

  V1Commands(HalleyV1Socket socket) {
    this.socket = socket;
    this.server = socket.server();
  }

  /** Answers the command, now or later. */
  void execute(Command command) {
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
    if (socket.caller() instanceof AskedCaller asked) {
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
              (asked.asksToSubscribe(channel) && !hasRoomFor(command, channel))
                  || askToSubscribe(
                      command, channel, asked, grant -> subscribe(command, channel, grant));
          case "history" ->
              askToSubscribe(command, channel, asked, grant -> readHistory(command, channel));
          case "presence" ->
              askToSubscribe(command, channel, asked, grant -> tellPresence(command, channel));
          case "publish" ->
              asked.asksToPublish(channel)
                  ? !isWhole(command, channel) || askToPublish(command, channel, asked)
                  : wait(command, channel);
          default -> wait(command, channel);
        };
    if (!hasRoom) {
      refuse(command, UNAVAILABLE, "Too many commands wait for the application");
    }
  }

  private boolean askToSubscribe(
      Command command, String channel, AskedCaller asked, Consumer<Grant> granted) {
    if (!asked.asksToSubscribe(channel)) {
      return wait(command, channel);
    }
    return socket.takeTurn(
        channel,
        0,
        () -> server.admission().subscribe(asked, channel),
        granted,
        refusal -> refuse(command, refusal));
  }

  private boolean askToPublish(Command command, String channel, AskedCaller asked) {
    Payload payload = command.payload().orElseThrow();
    return socket.takeTurn(
        channel,
        payload.size(),
        () -> server.admission().publish(asked, channel, payload),
        grant -> publishNow(command, channel),
        refusal -> refuse(command, refusal));
  }

  /** Nobody is asked about it, but it isn't done before what is. */
  private boolean wait(Command command, String channel) {
    if (!socket.isWaiting(channel)) {
      execute(command, channel);
      return true;
    }
    return socket.takeTurn(
        channel,
        command.payload().map(Payload::size).orElse(0),
        () -> CompletableFuture.completedFuture(Grant.NOTHING),
        grant -> execute(command, channel),
        refusal -> refuse(command, refusal));
  }

  private void subscribe(Command command, String channel, Grant grant) {
    if (socket.caller() instanceof AskedCaller asked) {
      try {
        socket.become(asked.subscribed(channel, grant, server.admission().now()));
      } catch (RefusedException e) {
        refuse(command, e.refusal());
        return;
      }
      subscribe(command, channel);
    }
  }

  /** What was granted for a channel goes with the last that it was for. */
  private void forget(String channel) {
    if (socket.caller() instanceof AskedCaller asked
        && !listensTo(PresenceChannels.watched(channel))) {
      socket.become(asked.unsubscribed(channel));
    }
  }

  /** Takes another token of the same subject, which must allow what is subscribed. */
  private void refresh(Command command) {
    if (socket.isClosing()) {
      return;
    }
    if (command.token().isEmpty()) {
      refuse(command, BAD_REQUEST, "A refresh has a \"token\"");
      return;
    }
    if (socket.caller() instanceof AskedCaller asked && server.config().tokens().isEmpty()) {
      socket.askAgain(
          asked.withToken(command.token().get()),
          renewed -> {
            socket.renew(renewed);
            answer(command, V1Messages.expiresProperty(renewed));
          },
          cause -> refuse(command, ListenerSocket.refusalOf(cause)));
      return;
    }
    Caller renewed;
    try {
      renewed = server.access().renew(socket.caller(), command.token().get());
    } catch (RefusedException e) {
      refuse(command, e.refusal());
      return;
    } catch (KeysPendingException e) {
      server
          .hub()
          .onLoop(
              server.shard().eventLoop(),
              e.fetch(),
              done -> refresh(command),
              cause -> refuse(command, UNAVAILABLE, ListenerSocket.reason(cause)));
      return;
    }
    Optional<Refusal> refusal = renewed.subscribeRefusal(socket.channels());
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
      return;
    }
    socket.renew(renewed);
    answer(command, V1Messages.expiresProperty(renewed));
  }

  /** Refuses a subscription that there is no room for; says whether there is. */
  private boolean hasRoomFor(Command command, String channel) {
    int most = server.config().limits().channelsPerConnection();
    if (socket.isSubscribed(channel)) {
      refuse(command, BAD_REQUEST, "This connection is subscribed to that channel");
      return false;
    }
    if (socket.subscriptions().size() >= most) {
      server.metrics().exceed(Limit.CHANNELS_PER_CONNECTION);
      refuse(command, BAD_REQUEST, "A connection subscribes to at most " + most + " channels");
      return false;
    }
    return true;
  }

  private void subscribe(Command command, String channel) {
    Optional<Refusal> refusal = socket.caller().subscribeRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
    } else if (server.hub().policies().listenProblem(channel).isPresent()) {
      refuse(command, NOT_FOUND, server.hub().policies().listenProblem(channel).get());
      forget(channel);
    } else if (!hasRoomFor(command, channel)) {
      forget(channel);
    } else {
      starting.add(channel);
      StreamStart.resolve(
          server.hub(),
          server.shard(),
          List.of(channel),
          List.of(command.since().orElseGet(Cursor.Latest::new)),
          cursors -> start(command, channel, cursors),
          cause -> {
            starting.remove(channel);
            fail(command, channel, cause);
          });
    }
  }

  private void fail(Command command, String channel, Throwable cause) {
    refuse(command, UNAVAILABLE, ListenerSocket.reason(cause));
    forget(channel);
  }

  private void start(Command command, String channel, List<Cursor> cursors) {
    starting.remove(channel);
    if (socket.isClosing()) {
      return;
    }
    // Another one may have come first while the broker was asked.
    if (!hasRoomFor(command, channel)) {
      forget(channel);
      return;
    }
    Subscription subscription;
    try {
      subscription =
          StreamStart.subscribe(server.shard(), socket, List.of(channel), cursors).getFirst();
    } catch (RuntimeException e) {
      fail(command, channel, e);
      return;
    }
    socket.add(subscription);
    answer(command, "\"position\":\"" + subscription.position() + "\"");
    subscription.start();
  }

  private void unsubscribe(Command command, String channel) {
    Subscription subscription = socket.remove(channel);
    if (subscription == null) {
      refuse(command, BAD_REQUEST, "This connection is not subscribed to that channel");
      return;
    }
    answer(command, "\"position\":\"" + subscription.position() + "\"");
    subscription.cancel();
    forget(channel);
  }

  /** Be it to who comes and goes there: both are allowed by the same. */
  private boolean listensTo(String channel) {
    String presence = PresenceChannels.of(channel);
    return socket.isSubscribed(channel)
        || socket.isSubscribed(presence)
        || starting.contains(channel)
        || starting.contains(presence);
  }

  private void publish(Command command, String channel) {
    Optional<Refusal> refusal = socket.caller().publishRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
    } else if (isWhole(command, channel)) {
      publishNow(command, channel);
    }
  }

  /** Refuses what is no publication, whoever sends it; says whether it is one. */
  private boolean isWhole(Command command, String channel) {
    int most = server.hub().policies().rules(channel).payload();
    if (command.payload().isEmpty()) {
      refuse(command, BAD_REQUEST, "A publication has \"data\" or \"base64\"");
    } else if (command.payload().get().size() > most) {
      server.metrics().exceed(Limit.PAYLOAD);
      refuse(command, TOO_LARGE, "A publication on this channel has at most " + most + " bytes");
    } else if (command.idempotencyKey().filter(V1Commands::isNoKey).isPresent()) {
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
    if (command.after().isPresent() && command.after().equals(heldBack)) {
      refuse(command, UNAVAILABLE, "The publication before this one was refused for now");
      return;
    }
    Optional<RateExceeded> exceeded = socket.takeRate(channel);
    if (exceeded.isPresent()) {
      String more = ",\"retryAfter\":" + exceeded.get().seconds();
      refuse(command, TOO_MANY, exceeded.get().rule(), more);
      return;
    }
    socket.publish(
        channel,
        command.payload().orElseThrow(),
        command.idempotencyKey().map(it -> IdempotencyKey.of(socket.publisher().scope(), it)),
        position -> answer(command, "\"position\":\"" + position + "\""),
        cause -> refuse(command, statusOf(cause), ListenerSocket.reason(cause)));
  }

  private static int statusOf(Throwable cause) {
    return cause instanceof IdempotencyConflictException ? CONFLICTING : UNAVAILABLE;
  }

  private static boolean isNoKey(String key) {
    return key.isEmpty() || key.length() > MAX_IDEMPOTENCY_KEY;
  }

  private void history(Command command, String channel) {
    Optional<Refusal> refusal = socket.caller().subscribeRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
      return;
    }
    readHistory(command, channel);
  }

  private void readHistory(Command command, String channel) {
    int most = server.config().limits().pollPublications();
    int limit = Math.min(command.limit().orElse(most), most);
    server
        .hub()
        .onLoop(
            server.shard().eventLoop(),
            server
                .hub()
                .broker()
                .history(
                    channel,
                    command.since().orElseGet(Cursor.Earliest::new),
                    new ReadLimit(limit, server.config().limits().pollBytes())),
            batch -> answerHistory(command, channel, batch),
            cause -> refuse(command, UNAVAILABLE, ListenerSocket.reason(cause)));
  }

  private void presence(Command command, String channel) {
    Optional<Refusal> refusal = socket.caller().subscribeRefusal(channel);
    if (refusal.isPresent()) {
      refuse(command, refusal.get());
    } else {
      tellPresence(command, channel);
    }
  }

  private void tellPresence(Command command, String channel) {
    Optional<String> problem = server.hub().policies().presenceProblem(channel);
    if (problem.isPresent()) {
      refuse(command, NOT_FOUND, problem.get());
    } else {
      server
          .hub()
          .onLoop(
              server.shard().eventLoop(),
              server.hub().broker().presence().orElseThrow().present(channel),
              present -> answer(command, PresenceBody.properties(present)),
              cause -> refuse(command, UNAVAILABLE, ListenerSocket.reason(cause)));
    }
  }

  private void answerHistory(Command command, String channel, Batch batch) {
    ByteBuf body =
        PollBody.encode(
            socket.allocator(), List.of(channel), List.of(batch), batch.position().toString());
    try {
      // The body of a poll is an object: its properties stand behind the id.
      String properties = body.toString(body.readerIndex() + 1, body.readableBytes() - 3, UTF_8);
      answer(command, properties);
    } finally {
      body.release();
    }
  }

  private void answer(Command command, String properties) {
    socket.say("{\"id\":" + command.id() + "," + properties + "}");
  }

  private void refuse(Command command, Refusal refusal) {
    // A command with a channel is about that one.
    String channels =
        command.channel().isPresent() ? "" : JsonText.channelsProperty(refusal.channels());
    refuse(command, refusal.status(), refusal.rule(), channels);
  }

  private void refuse(Command command, int code, String rule) {
    refuse(command, code, rule, "");
  }

  private void refuse(Command command, int code, String rule, String more) {
    server.metrics().refusedRequests().increment();
    if (code == UNAVAILABLE || code == TOO_MANY) {
      holdBack(command);
    }
    String error = "{\"code\":" + code + ",\"message\":" + JsonText.escape(rule) + more + "}";
    answer(command, "\"error\":" + error);
  }

  /**
   * What is to come after a publication that was refused for a while is refused as well, and so is
   * what is to come after that: a client that has sent several repeats them in their order.
   */
  private void holdBack(Command command) {
    if (command.op().equals("publish") && command.idempotencyKey().isPresent()) {
      heldBack = command.idempotencyKey();
    }
  }
}
