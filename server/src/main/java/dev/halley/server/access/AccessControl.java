package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.ServerConfig;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells from a request's credentials who makes it. One for all connections, for any thread. */
public final class AccessControl {
  private final Optional<byte[]> apiKey;
  private final CompletionStage<Caller> anonymous;
  private final CompletionStage<Caller> key = CompletableFuture.completedStage(new KeyCaller());

  /** As the configuration has it. */
  public AccessControl(ServerConfig config) {
    apiKey = config.access().apiKey().map(it -> it.getBytes(UTF_8));
    anonymous = CompletableFuture.completedStage(new AnonymousCaller(new ChannelRules(config)));
  }

  /**
   * Who has these credentials. Fails with a {@link RefusedException} if they don't count: nobody
   * becomes anonymous by a bad key.
   */
  public CompletionStage<Caller> caller(Credentials credentials) {
    // Without a key there is nothing to compare with.
    if (apiKey.isEmpty() || credentials.bearer().isEmpty()) {
      return anonymous;
    }
    return isKey(credentials.bearer().get(), apiKey.get())
        ? key
        : CompletableFuture.failedStage(
            new RefusedException(Refusal.invalid("That is not this server's API key")));
  }

  /** Takes as long for a wrong key as for the right one. */
  private static boolean isKey(String presented, byte[] key) {
    return MessageDigest.isEqual(presented.getBytes(UTF_8), key);
  }
}
