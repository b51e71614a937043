package dev.halley.broker;

/**
 * How much one read may bring. The first publication is brought whatever its size, so that every
 * read of a log that has more makes progress.
 *
 * @param publications at most so many, at least 1
 * @param bytes no further publication once their payloads reach so many bytes, at least 1
 */
public record ReadLimit(int publications, int bytes) {
  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if one is less than 1
   */
  public ReadLimit {
    if (publications < 1 || bytes < 1) {
      throw new IllegalArgumentException("A read brings at least one publication and one byte");
    }
  }
}
