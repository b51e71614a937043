package dev.halley.showcase;

import dev.halley.broker.Broker;
import dev.halley.broker.Payload;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Logging in by QR code: a page shows a code and listens on the code's channel; a phone scans it
 * and confirms. What is published there is the state: {@code {"state":"scanned","at":…}}.
 */
final class QrDemo implements Demo {
  private static final int MAX_OPEN = 500;
  private static final Duration LIFETIME = Duration.ofSeconds(60);
  private static final Duration EXPIRY_PERIOD = Duration.ofMillis(250);
  private static final Pattern ORIGIN = Pattern.compile("https?://[A-Za-z0-9.:_\\[\\]-]{1,200}");

  private final Broker broker;
  private final InstantSource clock;
  private final LoginCodes codes;
  private final Runnable expiry;

  QrDemo(Broker broker, InstantSource clock, RandomGenerator random, Ticker ticker) {
    this.broker = broker;
    this.clock = clock;
    this.codes = new LoginCodes(clock, random, MAX_OPEN, LIFETIME, this::publish);
    this.expiry = ticker.every(EXPIRY_PERIOD, codes::expire);
  }

  @Override
  public void addRoutes(Application.Builder routes) {
    routes
        .post("/qr/codes", this::open)
        .post("/qr/codes/{code}/scan", this::scan)
        .post("/qr/codes/{code}/confirm", this::confirm)
        .post("/qr/codes/{code}/decline", this::decline);
  }

  @Override
  public void close() {
    expiry.run();
  }

  private Response open(Request request) {
    String origin = origin(request);
    LoginCode code = codes.open();
    // Behind the #, the code stays out of logs and Referer fields.
    String link = origin + "/qr/phone/#" + code.id();
    return Response.json(
        Json.object(
            Map.of(
                "channel",
                code.channel(),
                "link",
                link,
                "svg",
                QrSvg.of(link),
                "millisLeft",
                codes.left(code).toMillis())));
  }

  /** The host by which the page was reached, so that a phone in the same network reaches it too. */
  private static String origin(Request request) {
    String origin =
        request
            .header("Origin")
            .or(() -> request.header("Host").map(host -> "http://" + host))
            .orElse("");
    if (!ORIGIN.matcher(origin).matches()) {
      throw new RequestRefusedException(400, "A code is asked for by a page of this server");
    }
    return origin;
  }

  private Response scan(Request request) {
    String ticket = codes.scan(request.variable("code"));
    return Response.json(Json.object(Map.of("ticket", ticket)));
  }

  private Response confirm(Request request) {
    Map<String, String> fields = Json.fields(request.bodyText());
    codes.confirm(
        request.variable("code"),
        fields.getOrDefault("ticket", ""),
        fields.getOrDefault("name", ""));
    return Response.status(204);
  }

  private Response decline(Request request) {
    Map<String, String> fields = Json.fields(request.bodyText());
    codes.decline(request.variable("code"), fields.getOrDefault("ticket", ""));
    return Response.status(204);
  }

  private void publish(LoginCode code, LoginState state) {
    Map<String, Object> message = new TreeMap<>();
    message.put("at", Measures.millis(clock.instant()));
    switch (state) {
      case LoginState.Waiting waiting -> message.put("state", "waiting");
      case LoginState.Scanned scanned -> message.put("state", "scanned");
      case LoginState.Confirmed confirmed -> {
        message.put("state", "confirmed");
        message.put("name", confirmed.name());
      }
      case LoginState.Declined declined -> message.put("state", "declined");
      case LoginState.Expired expired -> message.put("state", "expired");
    }
    broker.publish(code.channel(), Payload.json(Json.object(message)), Optional.empty());
  }
}
