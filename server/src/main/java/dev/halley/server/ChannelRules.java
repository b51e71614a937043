package dev.halley.server;

import dev.halley.server.ServerConfig.Overflow;
import java.util.Optional;

/**
 * What holds for a channel: its policy, and the server-wide settings where that says nothing. One
 * object for all channels of one policy.
 *
 * @param pattern the policy's, or {@code *} where none matches: the name to count under
 * @param subscribe who may listen, if a policy says so
 * @param publish who may publish, if a policy says so
 * @param overflow what happens to a stream that the log has left behind
 * @param payload the bytes of one publication
 * @param perConnection how often one WebSocket may publish on channels of this policy
 * @param perChannel how often all together may publish on it
 */
public record ChannelRules(
    String pattern,
    Optional<Permission> subscribe,
    Optional<Permission> publish,
    Overflow overflow,
    int payload,
    Optional<Rate> perConnection,
    Optional<Rate> perChannel) {

  static ChannelRules of(ServerConfig config, ChannelPolicy policy) {
    return new ChannelRules(
        policy.pattern(),
        policy.subscribe(),
        policy.publish(),
        policy.overflow().orElse(config.overflow()),
        policy.payload().orElse(config.limits().payload()),
        policy.rates().perConnection(),
        policy.rates().perChannel());
  }
}
