package dev.halley.websocket.differential;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A way in which another implementation is known to differ from the protocol core.
 *
 * @param ours the core's first event that differs, a failure with its rule; {@code END} where it
 *     waits for more
 * @param theirs the other's event at the same place, in the same form, without a rule
 * @param section of RFC 6455 that decides
 * @param why the core does what it does
 */
record Difference(Pattern ours, Pattern theirs, String section, String why) {
  private static final String CLOSE_CODE =
      "FAIL 1002 A close frame's code must be one that may be sent\\.";
  private static final String SOONER =
      "The core tells what is wrong at the first byte that is; the other when the frame is whole.";
  private static final String TWICE_WRONG =
      "The frame breaks several rules, none of which comes first in the RFC. The core names the one"
          + " that the earliest byte breaks; or the other waits for bytes after it.";
  private static final String SHORTEST =
      "The minimal number of bytes MUST be used to encode the length; the other takes any.";

  static final List<Difference> NETTY =
      List.of(
          of(
              CLOSE_CODE,
              "CLOSE ([5-9]\\d{3}|\\d{5}) .*",
              "7.4.2",
              "The ranges of close codes end at 4999; Netty takes what is above."),
          of(CLOSE_CODE, "FAIL 1007", "7.4.2", TWICE_WRONG),
          of(
              "FAIL 1007 A close frame's reason must be UTF-8\\.",
              "CLOSE \\d+ .*efbfbd",
              "5.5.1",
              "A reason is UTF-8; Netty takes one that ends within a character."),
          of("FAIL 1007 Text messages must be UTF-8\\.", "END", "8.1", SOONER),
          of(
              "FAIL 1002 Reserved bits must be 0 unless an extension gives them a meaning\\.",
              "END",
              "5.2",
              SOONER),
          of(
              "END",
              "FAIL 1002",
              "5.5.1",
              "A close frame's payload is not one byte long: Netty says so after the header, the core"
                  + " when that byte has come."));

  static final List<Difference> JETTY =
      List.of(
          of(
              "FAIL 1002 Lengths must be sent in their shortest form\\.",
              "(TEXT|BINARY|PING|PONG|CLOSE) .*|END|FAIL 1007",
              "5.2",
              SHORTEST),
          of(
              "FAIL 1002 Control frames must not exceed 125 bytes of payload\\.",
              "(PING|PONG|CLOSE) .*|END|FAIL 1007|FAIL 1009",
              "5.5",
              "What needs a longer form is longer than 125 bytes; what doesn't, must not use it."),
          of(
              "FAIL 1002 (Client-sent frames must|Server-sent frames must not) be masked\\.",
              "END|FAIL 1007|FAIL 1009",
              "5.1",
              TWICE_WRONG),
          of(
              "FAIL 1002 Reserved bits must be 0 unless an extension gives them a meaning\\.",
              "END|FAIL 1007|FAIL 1009",
              "5.2",
              TWICE_WRONG),
          of(
              "FAIL 1002 Continuation frames must continue a message that has begun\\.",
              "FAIL 1009",
              "5.4",
              TWICE_WRONG),
          of(
              "FAIL 1002 The top bit of a 64-bit length must be 0\\.",
              "FAIL 1009",
              "5.2",
              TWICE_WRONG),
          of("FAIL 1007 Text messages must be UTF-8\\.", "END", "8.1", SOONER));

  private static Difference of(String ours, String theirs, String section, String why) {
    return new Difference(Pattern.compile(ours), Pattern.compile(theirs), section, why);
  }

  boolean covers(String oursSaid, String theirsSaid) {
    return ours.matcher(oursSaid).matches() && theirs.matcher(theirsSaid).matches();
  }
}
