package dev.halley.server.wire;

import dev.halley.broker.Member;
import dev.halley.broker.Present;
import java.util.stream.Collectors;

/** Who is present, as JSON. */
public final class PresenceBody {
  private PresenceBody() {}

  /** {@code {"channel":…,"members":…,"complete":…,"anonymous":…,"position":…}}. */
  public static String of(String channel, Present present) {
    return "{\"channel\":\"" + channel + "\"," + properties(present) + "}\n";
  }

  /** The properties of that, without the channel. */
  public static String properties(Present present) {
    return "\"members\":["
        + present.members().stream().map(PresenceBody::member).collect(Collectors.joining(","))
        + "],\"complete\":"
        + present.complete()
        + ",\"anonymous\":"
        + present.anonymous()
        + ",\"position\":\""
        + present.position()
        + '"';
  }

  private static String member(Member member) {
    return "{\"user\":"
        + JsonText.escape(member.user())
        + ",\"since\":"
        + member.sinceMillis()
        + '}';
  }
}
