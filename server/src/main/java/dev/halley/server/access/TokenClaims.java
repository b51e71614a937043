package dev.halley.server.access;

import dev.halley.server.wire.JsonInput;
import dev.halley.server.wire.JsonText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JsonToken;

/**
 * What a token says (RFC 7519 section 4.1), as far as it matters here.
 *
 * @param subject whose it is
 * @param issuer who made it
 * @param audience for whom it was made
 * @param expiry from when on it isn't good any more
 * @param notBefore from when on it is good
 * @param subscribe where it allows listening
 * @param publish where it allows publishing
 */
record TokenClaims(
    Optional<String> subject,
    Optional<String> issuer,
    List<String> audience,
    Instant expiry,
    Optional<Instant> notBefore,
    List<ChannelPattern> subscribe,
    List<ChannelPattern> publish) {
  /** The year 9999; beyond it somebody has written milliseconds. */
  private static final double LATEST = 253_402_300_799.0;

  /**
   * Reads a token's payload.
   *
   * @throws IllegalArgumentException with the rule, or a JacksonException, if it isn't one
   */
  static TokenClaims parse(byte[] payload) {
    Reading reading = new Reading();
    try (JsonInput input = JsonInput.of(payload)) {
      input.next();
      input.requireObjectStart("The payload");
      while (input.next() != JsonToken.END_OBJECT) {
        String name = input.text();
        JsonToken value = input.next();
        reading.claim(name, input, value);
      }
      input.requireEnd();
    }
    return reading.claims();
  }

  /** As a token has it, as far as it matters. */
  String json() {
    StringBuilder json = new StringBuilder("{");
    subject.ifPresent(it -> json.append("\"sub\":").append(JsonText.escape(it)).append(','));
    issuer.ifPresent(it -> json.append("\"iss\":").append(JsonText.escape(it)).append(','));
    return json.append("\"exp\":")
        .append(expiry.getEpochSecond())
        .append(",\"channels\":{\"subscribe\":")
        .append(json(subscribe))
        .append(",\"publish\":")
        .append(json(publish))
        .append("}}")
        .toString();
  }

  private static String json(List<ChannelPattern> patterns) {
    return patterns.stream()
        .map(it -> JsonText.escape(it.toString()))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** What was read so far. */
  private static final class Reading {
    private Optional<String> subject = Optional.empty();
    private Optional<String> issuer = Optional.empty();
    private Optional<List<String>> audience = Optional.empty();
    private Optional<Instant> expiry = Optional.empty();
    private Optional<Instant> notBefore = Optional.empty();
    private Optional<List<ChannelPattern>> subscribe = Optional.empty();
    private Optional<List<ChannelPattern>> publish = Optional.empty();
    private boolean channels;

    void claim(String name, JsonInput input, JsonToken value) {
      switch (name) {
        case "sub" -> subject = JsonInput.once(name, subject, input.requireString(name));
        case "iss" -> issuer = JsonInput.once(name, issuer, input.requireString(name));
        case "aud" -> audience = JsonInput.once(name, audience, oneOrMore(name, input, value));
        case "exp" -> expiry = JsonInput.once(name, expiry, date(name, input, value));
        case "nbf" -> notBefore = JsonInput.once(name, notBefore, date(name, input, value));
        case "channels" -> readChannels(input);
        default -> input.skipChildren();
      }
    }

    private void readChannels(JsonInput input) {
      require(!channels, "\"channels\" is there twice");
      channels = true;
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

    TokenClaims claims() {
      return new TokenClaims(
          subject,
          issuer,
          audience.orElse(List.of()),
          expiry.orElseThrow(() -> new IllegalArgumentException("a token has an exp")),
          notBefore,
          subscribe.orElse(List.of()),
          publish.orElse(List.of()));
    }
  }

  private static Instant date(String name, JsonInput input, JsonToken value) {
    require(value.isNumeric(), name + " is a number");
    double seconds = Double.parseDouble(input.text());
    require(seconds >= 0 && seconds <= LATEST, name + " is in seconds since 1970");
    return Instant.ofEpochMilli((long) (seconds * 1_000));
  }

  private static List<String> oneOrMore(String name, JsonInput input, JsonToken value) {
    return value == JsonToken.VALUE_STRING ? List.of(input.text()) : strings(name, input, value);
  }

  private static List<ChannelPattern> patterns(String name, JsonInput input, JsonToken value) {
    return strings(name, input, value).stream().map(ChannelPattern::parse).toList();
  }

  private static List<String> strings(String name, JsonInput input, JsonToken value) {
    require(value == JsonToken.START_ARRAY, name + " is an array");
    List<String> strings = new ArrayList<>();
    while (input.next() != JsonToken.END_ARRAY) {
      strings.add(input.requireString(name));
    }
    return strings;
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
