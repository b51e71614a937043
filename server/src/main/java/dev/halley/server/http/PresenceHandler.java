package dev.halley.server.http;

import dev.halley.broker.Present;
import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.Refusal;
import dev.halley.server.hook.Admission;
import dev.halley.server.hub.Hub;
import dev.halley.server.wire.PresenceBody;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;

/** {@code GET /channels/{channel}/presence}: who listens. */
final class PresenceHandler {
  private static final String BEGIN = "/channels/";
  private static final String END = "/presence";

  private final Hub hub;
  private final Admission admission;
  private final Gate gate;

  PresenceHandler(Hub hub, Admission admission, Gate gate) {
    this.hub = hub;
    this.admission = admission;
    this.gate = gate;
  }

  /** Whether a path is this handler's. No channel's name has a slash. */
  static boolean owns(String path) {
    return path.startsWith(BEGIN)
        && path.endsWith(END)
        && path.length() > BEGIN.length() + END.length();
  }

  /** 404 if there is such a rule. */
  static void require(Optional<String> problem) {
    if (problem.isPresent()) {
      throw new HttpError(HttpResponseStatus.NOT_FOUND, problem.get());
    }
  }

  void handle(Exchange exchange, String path, Caller caller) {
    List<String> channels =
        ListenRequest.channels(path.substring(0, path.length() - END.length()), Integer.MAX_VALUE);
    if (channels.size() != 1) {
      throw HttpError.badRequest("One asks for the presence of one channel");
    }
    if (caller instanceof AskedCaller asked) {
      gate.pass(
          exchange,
          admission.listen(asked, false, channels),
          admitted -> answer(exchange, channels.get(0), admitted));
    } else {
      answer(exchange, channels.get(0), caller);
    }
  }

  private void answer(Exchange exchange, String channel, Caller caller) {
    Optional<Refusal> refusal = caller.subscribeRefusal(channel);
    if (refusal.isPresent()) {
      throw HttpError.of(refusal.get());
    }
    require(hub.policies().presenceProblem(channel));
    if (exchange.isAnswered()) {
      return;
    }
    PendingAnswer.hold(exchange);
    hub.onLoop(
        exchange.eventLoop(),
        hub.broker().presence().orElseThrow().present(channel),
        present -> answer(exchange, channel, present),
        cause -> exchange.fail(HttpError.unavailable(cause)));
  }

  private static void answer(Exchange exchange, String channel, Present present) {
    HttpRouter.respondText(exchange, "application/json", PresenceBody.of(channel, present));
  }
}
