package dev.halley.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded number of values by the hashes of what they belong to, which has credentials in it and
 * needn't be kept: the one that wasn't used for longest makes room. For any number of threads.
 *
 * @param <V> what is kept
 */
public final class RecentBySecret<V> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ByteBuffer, V> byHash;

  /**
   * Nothing yet.
   *
   * @param most values
   */
  public RecentBySecret(int most) {
    byHash =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<ByteBuffer, V> eldest) {
            return size() > most;
          }
        };
  }

  /** The hash of what a value belongs to: whoever reads our memory finds no more than that. */
  public static ByteBuffer hash(String secret) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The value, which has been used by that. */
  public Optional<V> find(ByteBuffer hash) {
    lock.lock();
    try {
      return Optional.ofNullable(byHash.get(hash));
    } finally {
      lock.unlock();
    }
  }

  /** Keeps a value. */
  public void put(ByteBuffer hash, V value) {
    lock.lock();
    try {
      byHash.put(hash, value);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a value. */
  public void remove(ByteBuffer hash) {
    lock.lock();
    try {
      byHash.remove(hash);
    } finally {
      lock.unlock();
    }
  }

  /** How many there are. */
  public int size() {
    lock.lock();
    try {
      return byHash.size();
    } finally {
      lock.unlock();
    }
  }
}
