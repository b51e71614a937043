package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.ServerConfig;
import java.security.MessageDigest;
import java.util.Optional;

/** Tells from a request's credentials who makes it. One for all connections, for any thread. */
public final class AccessControl {
  private final Optional<byte[]> apiKey;
  private final Caller anonymous;

  /** As the configuration has it. */
  public AccessControl(ServerConfig config) {
    apiKey = config.access().apiKey().map(it -> it.getBytes(UTF_8));
    anonymous = new AnonymousCaller(new AccessRules(config));
  }

  /**
   * Who has these credentials.
   *
   * @throws RefusedException if they don't count: nobody becomes anonymous by a bad key
   */
  public Caller caller(Credentials credentials) {
    // Without a key there is nothing to compare with.
    if (apiKey.isEmpty() || credentials.bearer().isEmpty()) {
      return anonymous;
    }
    if (!isKey(credentials.bearer().get(), apiKey.get())) {
      throw new RefusedException(Refusal.invalid("That is not this server's API key"));
    }
    return KeyCaller.INSTANCE;
  }

  /** Takes as long for a wrong key as for the right one. */
  private static boolean isKey(String presented, byte[] key) {
    return MessageDigest.isEqual(presented.getBytes(UTF_8), key);
  }
}
