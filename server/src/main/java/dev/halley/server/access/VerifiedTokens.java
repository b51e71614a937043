package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSHeader;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tokens whose signatures have been found right, by their hashes, and what they say: a poller sends
 * the same one again and again, and with ES256 or EdDSA each look at its signature takes as long as
 * hundreds of requests. Whether its key still counts and whether it is its time is looked at anew
 * whenever it comes. The one that was not used for longest makes place for another. For any number
 * of threads.
 */
final class VerifiedTokens {
  /** Some 10 MB with tokens as they are. */
  static final int MOST = 10_000;

  /**
   * What was found out.
   *
   * @param header by which its key is found
   * @param key that its signature was made with
   */
  record Verified(JWSHeader header, VerificationKey key, TokenClaims claims) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ByteBuffer, Verified> byHash;

  VerifiedTokens(int most) {
    byHash =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Verified> eldest) {
            return size() > most;
          }
        };
  }

  /** The hash of a token: whoever reads our memory finds no more than that. */
  static ByteBuffer hash(String token) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }

  Optional<Verified> find(ByteBuffer hash) {
    lock.lock();
    try {
      return Optional.ofNullable(byHash.get(hash));
    } finally {
      lock.unlock();
    }
  }

  void add(ByteBuffer hash, Verified verified) {
    lock.lock();
    try {
      byHash.put(hash, verified);
    } finally {
      lock.unlock();
    }
  }

  void remove(ByteBuffer hash) {
    lock.lock();
    try {
      byHash.remove(hash);
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return byHash.size();
    } finally {
      lock.unlock();
    }
  }
}
