package dev.halley.server.hub;

import java.net.InetAddress;
import java.util.Optional;

/**
 * For whom a publication counts.
 *
 * @param address from which it comes, as it is counted; none where others may be behind it
 * @param user whose token it comes with
 */
public record Publisher(Optional<InetAddress> address, Optional<String> user) {
  /** One of the operator's own backends: it may publish as often as the channel takes it. */
  static final Publisher OPERATOR = new Publisher(Optional.empty(), Optional.empty());
}
