package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.jwk.JWK;
import dev.halley.server.wire.JsonInput;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/**
 * What a key set's text says (RFC 7517 section 5). Each entry stands for itself: one that isn't
 * understood is left out, and the others count.
 *
 * @param keys those that count
 * @param leftOut the others, each with its name or place and the reason, for the log
 */
record KeySetDocument(List<VerificationKey> keys, List<String> leftOut) {
  private static final int MOST_KEYS = 100;
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_REASON = 160;
  private static final Set<String> DESCRIBING = Set.of("kid", "kty");

  /** RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. */
  private static final Set<String> SECRET = Set.of("d", "k", "p", "q", "dp", "dq", "qi", "oth");

  /**
   * Reads a set.
   *
   * @throws IllegalArgumentException with the reason, if it isn't one
   */
  static KeySetDocument parse(byte[] bytes) {
    Reading reading = new Reading();
    boolean found = false;
    try (JsonInput input = JsonInput.of(bytes)) {
      require(input.next() == JsonToken.START_OBJECT, "it is no JSON object");
      while (input.next() != JsonToken.END_OBJECT) {
        String name = input.text();
        JsonToken value = input.next();
        if (name.equals("keys")) {
          require(!found, "its \"keys\" are there twice");
          require(value == JsonToken.START_ARRAY, "its \"keys\" are no array");
          found = true;
          reading.entries(input);
        } else {
          input.skipChildren(); // RFC 7517 section 5: other members are ignored
        }
      }
      input.requireEnd();
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is no JSON", e);
    }
    require(found, "it has no \"keys\"");
    return new KeySetDocument(List.copyOf(reading.keys), List.copyOf(reading.leftOut));
  }

  /** What was read so far. */
  private static final class Reading {
    private final List<JWK> sources = new ArrayList<>();
    private final List<VerificationKey> keys = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private int place;

    void entries(JsonInput input) {
      for (JsonToken value = input.next(); value != JsonToken.END_ARRAY; value = input.next()) {
        place++;
        if (value == JsonToken.START_OBJECT) {
          entry(input.data().toByteArray());
        } else {
          leaveOut("", "is no JSON object");
          input.skipChildren();
        }
      }
    }

    /** Nothing that an entry has may keep the others from being read. */
    private void entry(byte[] bytes) {
      String kid = "";
      try {
        JsonInput.requireDistinctNames(bytes);
        Map<String, String> members = members(bytes);
        kid = members.getOrDefault("kid", "");
        requirePublic(members);
        add(JWK.parse(new String(bytes, UTF_8)));
      } catch (ParseException | RuntimeException e) {
        leaveOut(kid, "can't be used: " + e.getMessage());
      }
    }

    private void add(JWK source) {
      VerificationKey key = VerificationKey.of(source);
      if (sources.contains(source)) {
        return; // the same once more tells nothing new
      }
      require(keys.size() < MOST_KEYS, "it is beyond the " + MOST_KEYS + " that are kept");
      require(
          key.id().isEmpty() || keys.stream().noneMatch(it -> it.isNamedAs(key)),
          "one before it has its kid and algorithm");
      sources.add(source);
      keys.add(key);
    }

    private void leaveOut(String kid, String reason) {
      String name = kid.isEmpty() ? "entry " + place : '"' + shortened(kid, LONGEST_NAME) + '"';
      leftOut.add(name + ' ' + shortened(reason, LONGEST_REASON));
    }
  }

  /** What a key says of itself in plain strings; of what is secret the name alone. */
  private static Map<String, String> members(byte[] key) {
    Map<String, String> members = new HashMap<>();
    try (JsonInput input = JsonInput.of(key)) {
      input.next();
      while (input.next() != JsonToken.END_OBJECT) {
        String name = input.text();
        JsonToken value = input.next();
        if (DESCRIBING.contains(name) && value == JsonToken.VALUE_STRING) {
          members.put(name, input.text());
        } else if (SECRET.contains(name)) {
          members.put(name, "");
        }
        input.skipChildren();
      }
    }
    return members;
  }

  /** What is secret and stands in a set that is published can be used by all. */
  private static void requirePublic(Map<String, String> members) {
    require(!members.getOrDefault("kty", "").equals("oct"), "it is a secret (kty oct)");
    require(SECRET.stream().noneMatch(members::containsKey), "it has its private part");
  }

  private static String shortened(String text, int most) {
    return text.length() > most ? text.substring(0, most) + '…' : text;
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
