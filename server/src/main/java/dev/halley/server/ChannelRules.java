package dev.halley.server;

import dev.halley.server.ServerConfig.Overflow;
import java.util.Optional;

/**
 * What holds for a channel: its policy, and the server-wide settings where that says nothing. One
 * object for all channels of one policy.
 *
 * @param pattern the policy's, or {@code *} where none matches: the name to count under
 * @param subscribe who may listen
 * @param publish who may publish
 * @param overflow what happens to a stream that the log has left behind
 * @param payload the bytes of one publication
 * @param perConnection how often one WebSocket may publish on channels of this policy
 * @param perChannel how often all together may publish on it
 * @param presence whether it is known who listens; see {@link ChannelPolicies#hasPresence}
 */
public record ChannelRules(
    String pattern,
    Permission subscribe,
    Permission publish,
    Overflow overflow,
    int payload,
    Optional<Rate> perConnection,
    Optional<Rate> perChannel,
    boolean presence) {

  static ChannelRules of(ServerConfig config, ChannelPolicy policy) {
    return new ChannelRules(
        policy.pattern(),
        policy.subscribe().orElse(toSubscribe(config)),
        policy.publish().orElse(toPublish(config)),
        policy.overflow().orElse(config.overflow()),
        policy.payload().orElse(config.limits().payload()),
        policy.rates().perConnection(),
        policy.rates().perChannel(),
        policy.presence().orElse(config.presence().everywhere()));
  }

  private static Permission toSubscribe(ServerConfig config) {
    if (config.hooks().filter(it -> it.has(HooksConfig.Event.SUBSCRIBE)).isPresent()) {
      return Permission.HOOK;
    }
    return config.tokens().isPresent() ? Permission.TOKEN : Permission.ANYONE;
  }

  private static Permission toPublish(ServerConfig config) {
    if (config.hooks().filter(it -> it.has(HooksConfig.Event.PUBLISH)).isPresent()) {
      return Permission.HOOK;
    }
    if (config.tokens().isPresent()) {
      return Permission.TOKEN;
    }
    return config.access().apiKey().isPresent() ? Permission.KEY : Permission.ANYONE;
  }
}
