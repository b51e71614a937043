package dev.halley.broker;

import java.util.Optional;

/**
 * Which trace a publication is part of (W3C Trace Context). It is passed on as it came from whoever
 * publishes to whoever gets the publication, who goes on with it.
 *
 * @param traceparent the version 00, the trace's id, the span's id and the flags: 55 characters
 * @param tracestate what tracing systems add for themselves, at most 512 characters of printable
 *     ASCII
 */
public record TraceContext(String traceparent, Optional<String> tracestate) {
  private static final int LENGTH = 55;
  private static final int TRACE_ID = 3;
  private static final int PARENT_ID = 36;
  private static final int FLAGS = 53;
  private static final int MOST_STATE = 512;
  private static final int MOST_MEMBERS = 32;
  private static final int MOST_NAME = 256;

  /** What it takes besides the characters of its state, in bytes, roughly. */
  private static final int OVERHEAD = 160;

  /**
   * Reads what a request says. A {@code traceparent} that breaks a rule is as good as none, and
   * without one there is no {@code tracestate}; a {@code tracestate} that breaks one, or is longer
   * than is passed on here, is left out alone (sections 3.2 and 3.3).
   */
  public static Optional<TraceContext> parse(String traceparent, Optional<String> tracestate) {
    return parent(traceparent)
        .map(parent -> new TraceContext(parent, tracestate.filter(TraceContext::isState)));
  }

  /** The id of the trace, 32 hexadecimal digits. */
  public String traceId() {
    return traceparent.substring(TRACE_ID, PARENT_ID - 1);
  }

  /** How many bytes it takes to keep it. */
  int cost() {
    return OVERHEAD + tracestate.map(String::length).orElse(0);
  }

  /** Of a later version the four fields that are known make one of version 00 (section 3.2.4). */
  private static Optional<String> parent(String text) {
    boolean valid =
        text.length() >= LENGTH
            && isHex(text, 0, 2)
            && !text.startsWith("ff")
            && text.charAt(TRACE_ID - 1) == '-'
            && isId(text, TRACE_ID, PARENT_ID - 1)
            && text.charAt(PARENT_ID - 1) == '-'
            && isId(text, PARENT_ID, FLAGS - 1)
            && text.charAt(FLAGS - 1) == '-'
            && isHex(text, FLAGS, LENGTH);
    if (!valid) {
      return Optional.empty();
    }
    if (text.startsWith("00")) {
      return text.length() == LENGTH ? Optional.of(text) : Optional.empty();
    }
    if (text.length() > LENGTH && text.charAt(LENGTH) != '-') {
      return Optional.empty();
    }
    boolean sampled = (Character.digit(text.charAt(LENGTH - 1), 16) & 1) == 1;
    return Optional.of("00" + text.substring(2, FLAGS) + (sampled ? "01" : "00"));
  }

  /** All zeros are no id. */
  private static boolean isId(String text, int from, int to) {
    boolean zero = true;
    for (int i = from; i < to; i++) {
      zero &= text.charAt(i) == '0';
    }
    return !zero && isHex(text, from, to);
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isState(String text) {
    if (text.isBlank() || text.length() > MOST_STATE) {
      return false;
    }
    String[] members = text.split(",", -1);
    if (members.length > MOST_MEMBERS) {
      return false;
    }
    for (String member : members) {
      if (!isMember(member.strip())) {
        return false;
      }
    }
    return true;
  }

  /** One that is empty says nothing, and is allowed. */
  private static boolean isMember(String member) {
    int equals = member.indexOf('=');
    if (equals < 1 || equals > MOST_NAME || equals + 1 == member.length()) {
      return member.isEmpty();
    }
    for (int i = 0; i < member.length(); i++) {
      char c = member.charAt(i);
      if (i < equals ? !isOfName(c) : i > equals && !isOfValue(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOfValue(char c) {
    return c >= ' ' && c <= '~' && c != '=';
  }

  private static boolean isOfName(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "_-*/@".indexOf(c) >= 0;
  }
}
