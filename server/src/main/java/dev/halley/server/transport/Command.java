package dev.halley.server.transport;

import dev.halley.broker.Cursor;
import dev.halley.broker.Payload;
import dev.halley.broker.TraceContext;
import dev.halley.server.wire.JsonBoundException;
import dev.halley.server.wire.JsonBounds;
import dev.halley.server.wire.JsonInput;
import dev.halley.server.wire.JsonText;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonToken;

/**
 * What a client says on {@code halley.v1}.
 *
 * @param id as JSON, to be repeated in the answer
 * @param op what to do
 * @param channel where
 * @param since from where on
 * @param payload what to publish
 * @param limit how much to read
 * @param idempotencyKey makes a retry of a publish safe
 * @param after the key of the publication before it: what is refused for a while takes this along
 * @param token what to be known by from here on
 * @param problem the rule that a property broke, if one did
 */
record Command(
    String id,
    String op,
    Optional<String> channel,
    Optional<Cursor> since,
    Optional<Payload> payload,
    Optional<Integer> limit,
    Optional<String> idempotencyKey,
    Optional<String> after,
    Optional<String> token,
    Optional<String> problem) {

  private static final List<String> NAMES =
      List.of(
          "id",
          "op",
          "channel",
          "since",
          "data",
          "base64",
          "limit",
          "token",
          "traceparent",
          "tracestate",
          "idempotencyKey",
          "after");

  /** The token is secret, so none of it is printed. */
  @Override
  public String toString() {
    return "Command[" + op + "]";
  }

  /**
   * Reads one command. A property that can't be read is the command's problem, not the
   * connection's.
   *
   * @throws IllegalArgumentException with the rule, or a JacksonException, if {@code bytes} are
   *     none
   */
  static Command parse(byte[] bytes, JsonBounds bounds) {
    Properties properties = new Properties();
    try (JsonInput input = JsonInput.of(bytes, bounds)) {
      input.next();
      input.requireObjectStart("A command");
      while (input.next() != JsonToken.END_OBJECT) {
        String name = input.text();
        JsonToken token = input.next();
        // What is read once has one meaning, and a command of very many costs no more than reading.
        if (!properties.isNew(name)) {
          input.skipChildren();
          continue;
        }
        try {
          properties.read(name, input, token);
        } catch (JsonBoundException e) {
          throw e; // it isn't known where the property ends
        } catch (IllegalArgumentException e) {
          properties.problem = Optional.of(JsonInput.reason(e));
          input.skipChildren();
        }
      }
      input.requireEnd();
    }
    return properties.toCommand();
  }

  /** What was read so far. */
  private static final class Properties {
    private Optional<String> id = Optional.empty();
    private Optional<String> op = Optional.empty();
    private Optional<String> channel = Optional.empty();
    private Optional<Cursor> since = Optional.empty();
    private Optional<Payload> payload = Optional.empty();
    private Optional<Integer> limit = Optional.empty();
    private Optional<String> idempotencyKey = Optional.empty();
    private Optional<String> after = Optional.empty();
    private Optional<String> token = Optional.empty();
    private Optional<String> traceparent = Optional.empty();
    private Optional<String> tracestate = Optional.empty();
    private Optional<String> problem = Optional.empty();

    /** Bit n is set if the n-th of {@link Command#NAMES} has come. */
    private int seen;

    /** Whether it is to be read: the first of its name, and one that there is. */
    boolean isNew(String name) {
      int index = NAMES.indexOf(name);
      int bit = 1 << index;
      if (index < 0) {
        problem = Optional.of("Unknown " + JsonText.escape(JsonInput.begin(name)));
        return false;
      }
      if ((seen & bit) != 0) {
        problem = Optional.of(JsonText.escape(name) + " is there twice");
        return false;
      }
      seen |= bit;
      return true;
    }

    void read(String name, JsonInput input, JsonToken token) {
      switch (name) {
        case "id" -> id = JsonInput.once(name, id, readId(input, token));
        case "op" -> op = JsonInput.once(name, op, input.requireString(name));
        case "channel" -> channel = JsonInput.once(name, channel, input.requireString(name));
        case "since" ->
            since = JsonInput.once(name, since, Cursor.parse(input.requireString(name)));
        case "data" -> payload = JsonInput.only(payload, input.data());
        case "base64" -> payload = JsonInput.only(payload, input.base64());
        case "limit" -> limit = JsonInput.once(name, limit, readLimit(input, token));
        case "token" -> this.token = JsonInput.once(name, this.token, input.requireString(name));
        case "traceparent" ->
            traceparent = JsonInput.once(name, traceparent, input.requireString(name));
        case "tracestate" ->
            tracestate = JsonInput.once(name, tracestate, input.requireString(name));
        case "idempotencyKey" ->
            idempotencyKey = JsonInput.once(name, idempotencyKey, input.requireString(name));
        case "after" -> after = JsonInput.once(name, after, input.requireString(name));
        default -> throw new IllegalStateException(name);
      }
    }

    Command toCommand() {
      String operation =
          op.orElseThrow(() -> new IllegalArgumentException("A command has an \"op\""));
      Optional<TraceContext> trace = traceparent.flatMap(it -> TraceContext.parse(it, tracestate));
      return new Command(
          id.orElse("null"),
          operation,
          channel,
          since,
          payload.map(it -> it.tracedBy(trace)),
          limit,
          idempotencyKey,
          after,
          token,
          problem);
    }
  }

  private static String readId(JsonInput input, JsonToken token) {
    return switch (token) {
      case VALUE_NUMBER_INT -> input.text();
      case VALUE_STRING -> JsonText.escape(input.text());
      default -> throw new IllegalArgumentException("\"id\" is a whole number or a string");
    };
  }

  private static int readLimit(JsonInput input, JsonToken token) {
    String digits = input.text();
    if (token != JsonToken.VALUE_NUMBER_INT
        || digits.length() > 9
        || Integer.parseInt(digits) < 1) {
      throw new IllegalArgumentException("\"limit\" is a whole number from 1 on");
    }
    return Integer.parseInt(digits);
  }
}
