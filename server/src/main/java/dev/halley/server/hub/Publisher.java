package dev.halley.server.hub;

import java.net.InetAddress;
import java.util.Optional;

/**
 * For whom a publication counts.
 *
 * @param address from which it comes, as it is counted; none where others may be behind it
 * @param user whose token it comes with
 * @param isOperator whether it is one of the operator's own backends
 */
public record Publisher(Optional<InetAddress> address, Optional<String> user, boolean isOperator) {
  /** One of the operator's own backends: it may publish as often as the channel takes it. */
  static final Publisher OPERATOR = new Publisher(Optional.empty(), Optional.empty(), true);

  /** A stranger or a user. */
  Publisher(Optional<InetAddress> address, Optional<String> user) {
    this(address, user, false);
  }

  /**
   * Whose idempotency keys these are: the operator's, the user's from wherever a retry comes, else
   * those of everybody at the address.
   */
  public String scope() {
    if (isOperator) {
      return "operator";
    }
    return user.map(name -> "user " + name)
        .or(() -> address.map(it -> "address " + it.getHostAddress()))
        .orElse("");
  }
}
