package dev.halley.server.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.HooksConfig.Event;
import dev.halley.server.access.ChannelPattern;
import dev.halley.server.access.Grant;
import dev.halley.server.access.Refusal;
import dev.halley.server.wire.JsonInput;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/** Makes sense of the application's answers, strictly: what isn't clearly a yes is none. */
final class AnswerReader {
  /** The longest that an answer is kept, whatever it says. */
  static final Duration LONGEST_FRESH = Duration.ofHours(1);

  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int MOST_PATTERNS = 1_000;
  private static final int LONGEST_USER = 255;

  /** A WebSocket's close reason has room for 123 bytes (RFC 6455 section 5.5). */
  private static final int LONGEST_REASON = 120;

  private AnswerReader() {}

  /**
   * What an answer says.
   *
   * @throws HookFailure if it is none
   */
  static HookAnswer read(Event event, HttpResponse<byte[]> response, Instant now) {
    int status = response.statusCode();
    Duration fresh = freshFor(response.headers());
    if (status == UNAUTHORIZED || status == FORBIDDEN) {
      return new HookAnswer(
          Optional.of(refusal(status, reasonOf(response.body(), event))), Grant.NOTHING, fresh);
    }
    if (status != OK) {
      throw new HookFailure("the status is " + status, status >= 502 && status <= 504);
    }
    try {
      Said said = Said.read(response.body());
      return said.allow()
          ? new HookAnswer(Optional.empty(), said.grant(now), fresh)
          : new HookAnswer(
              Optional.of(refusal(FORBIDDEN, said.reason.orElse(defaultReason(event)))),
              Grant.NOTHING,
              fresh);
    } catch (JacksonException e) {
      throw new HookFailure("the answer is no JSON", false);
    } catch (IllegalArgumentException e) {
      throw new HookFailure("the answer breaks a rule: " + printable(JsonInput.reason(e)), false);
    }
  }

  private static Refusal refusal(int status, String reason) {
    return status == UNAUTHORIZED ? Refusal.anonymous(reason) : Refusal.forbidden(reason);
  }

  /** The status has said it; the reason is a kindness that may be missing. */
  private static String reasonOf(byte[] body, Event event) {
    try {
      return Said.read(body).reason.orElse(defaultReason(event));
    } catch (JacksonException | IllegalArgumentException e) {
      return defaultReason(event);
    }
  }

  private static String defaultReason(Event event) {
    return switch (event) {
      case CONNECT, DISCONNECT -> "The application doesn't allow this connection";
      case SUBSCRIBE -> "The application doesn't allow listening to this channel";
      case PUBLISH -> "The application doesn't allow publishing to this channel";
    };
  }

  /** RFC 9111 sections 4.2 and 5.2.2; what can't be read keeps nothing. */
  static Duration freshFor(HttpHeaders headers) {
    long seconds = 0;
    for (String line : headers.allValues("Cache-Control")) {
      for (String part : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        String directive = part.strip();
        if (directive.equals("no-store") || directive.startsWith("no-cache")) {
          return Duration.ZERO;
        }
        if (directive.startsWith("max-age=")) {
          seconds = seconds(directive.substring("max-age=".length()), 0);
        }
      }
    }
    long age = headers.firstValue("Age").map(it -> seconds(it, Long.MAX_VALUE)).orElse(0L);
    Duration left = Duration.ofSeconds(Math.max(seconds - age, 0));
    return left.compareTo(LONGEST_FRESH) < 0 ? left : LONGEST_FRESH;
  }

  private static long seconds(String text, long otherwise) {
    return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : otherwise;
  }

  /** What an answer's object has. What isn't known is left alone: applications grow. */
  private static final class Said {
    private Optional<Boolean> allow = Optional.empty();
    private Optional<String> reason = Optional.empty();
    private Optional<String> user = Optional.empty();
    private Optional<Instant> expiry = Optional.empty();
    private Optional<List<ChannelPattern>> subscribe = Optional.empty();
    private Optional<List<ChannelPattern>> publish = Optional.empty();

    static Said read(byte[] body) {
      Said said = new Said();
      try (JsonInput input = JsonInput.of(body)) {
        input.next();
        input.requireObjectStart("An answer");
        while (input.next() != JsonToken.END_OBJECT) {
          String name = input.text();
          said.property(name, input, input.next());
        }
        input.requireEnd();
      }
      return said;
    }

    private void property(String name, JsonInput input, JsonToken value) {
      switch (name) {
        case "allow" -> {
          require(
              value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE,
              "allow is true or false");
          allow = JsonInput.once(name, allow, value == JsonToken.VALUE_TRUE);
        }
        case "reason" ->
            reason = JsonInput.once(name, reason, shortened(input.requireString(name)));
        case "user" -> user = JsonInput.once(name, user, user(input.requireString(name)));
        case "expires" -> expiry = JsonInput.once(name, expiry, instant(input, value));
        case "channels" -> readChannels(input);
        default -> input.skipChildren();
      }
    }

    private void readChannels(JsonInput input) {
      input.requireObjectStart("channels");
      while (input.next() != JsonToken.END_OBJECT) {
        String name = input.text();
        JsonToken value = input.next();
        switch (name) {
          case "subscribe" ->
              subscribe = JsonInput.once(name, subscribe, patterns(name, input, value));
          case "publish" -> publish = JsonInput.once(name, publish, patterns(name, input, value));
          default -> throw new IllegalArgumentException("channels has subscribe and publish");
        }
      }
    }

    boolean allow() {
      return allow.orElseThrow(() -> new IllegalArgumentException("an answer has an allow"));
    }

    Grant grant(Instant now) {
      require(
          expiry.filter(it -> !it.isAfter(now)).isEmpty(),
          "expires is in milliseconds since 1970, and later than now");
      return new Grant(user, expiry, subscribe.orElse(List.of()), publish.orElse(List.of()));
    }
  }

  private static List<ChannelPattern> patterns(String name, JsonInput input, JsonToken value) {
    require(value == JsonToken.START_ARRAY, name + " is an array");
    List<ChannelPattern> patterns = new ArrayList<>();
    while (input.next() != JsonToken.END_ARRAY) {
      patterns.add(ChannelPattern.parse(input.requireString(name)));
      require(patterns.size() <= MOST_PATTERNS, name + " has at most 1000 patterns");
    }
    return List.copyOf(patterns);
  }

  private static Instant instant(JsonInput input, JsonToken value) {
    require(
        value == JsonToken.VALUE_NUMBER_INT && input.text().matches("[0-9]{1,15}"),
        "expires is in milliseconds since 1970, and later than now");
    return Instant.ofEpochMilli(Long.parseLong(input.text()));
  }

  private static String user(String text) {
    require(
        !text.isBlank()
            && text.length() <= LONGEST_USER
            && text.chars().noneMatch(Character::isISOControl)
            && UTF_8.newEncoder().canEncode(text),
        "user has 1 to 255 characters");
    return text;
  }

  /** One line that fits wherever it goes. */
  static String shortened(String text) {
    int[] points = text.codePoints().map(it -> isPlain(it) ? it : '?').toArray();
    int length = 0;
    int count = 0;
    while (count < points.length) {
      int size = Character.toString(points[count]).getBytes(UTF_8).length;
      if (length + size > LONGEST_REASON) {
        break;
      }
      length += size;
      count++;
    }
    return new String(Arrays.copyOf(points, count), 0, count);
  }

  private static boolean isPlain(int point) {
    return !Character.isISOControl(point) && Character.getType(point) != Character.SURROGATE;
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
