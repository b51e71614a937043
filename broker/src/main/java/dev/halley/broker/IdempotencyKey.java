package dev.halley.broker;

/**
 * By what a retry of a publication is known: on one channel the same key is the same publication.
 *
 * @param scope whose key it is, as the server knows the publisher: keys of one scope mean nothing
 *     in another, so nobody's choice of a key can stand against somebody else's publication
 * @param key what the publisher chose
 * @param entry which entry of a batch it is, from 0 on; {@link #ALONE} for a publication by itself
 */
public record IdempotencyKey(String scope, String key, int entry) {
  /** The {@link #entry} of a publication that is no part of a batch. */
  public static final int ALONE = -1;

  /**
   * Checks the entry.
   *
   * @throws IllegalArgumentException if it is less than {@link #ALONE}
   */
  public IdempotencyKey {
    if (entry < ALONE) {
      throw new IllegalArgumentException("An entry's number is at least 0");
    }
  }

  /** Of a publication by itself. */
  public static IdempotencyKey of(String scope, String key) {
    return new IdempotencyKey(scope, key, ALONE);
  }

  /**
   * Of one entry of a batch that was sent with this key. It is another one than that of a
   * publication by itself.
   */
  public IdempotencyKey ofEntry(int index) {
    return new IdempotencyKey(scope, key, index);
  }
}
