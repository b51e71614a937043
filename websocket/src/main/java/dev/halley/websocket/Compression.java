package dev.halley.websocket;

/**
 * How a connection that has agreed on permessage-deflate compresses.
 *
 * @param parameters what was agreed on, as the handshake's outcome says it
 * @param pool whence deflaters and inflaters come; of the thread that drives the connection
 * @param threshold messages of fewer bytes than this are sent as they are; at least 1
 */
public record Compression(DeflateParameters parameters, DeflatePool pool, int threshold) {
  /** Under this many bytes, compression seldom saves anything. */
  public static final int DEFAULT_THRESHOLD = 128;

  /**
   * Checks the threshold.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public Compression {
    if (threshold < 1) {
      throw new IllegalArgumentException("The threshold is at least 1 byte");
    }
  }

  /** What a connection compresses with: its own, or what all share that keep no context. */
  MessageDeflater deflater(boolean isServer) {
    boolean takeover =
        !(isServer ? parameters.serverNoContextTakeover() : parameters.clientNoContextTakeover());
    int bits = isServer ? parameters.serverMaxWindowBits() : parameters.clientMaxWindowBits();
    return takeover ? new MessageDeflater(pool, true, bits) : pool.deflater(bits);
  }

  /** What a connection inflates with: its own if it has to hold it between two calls. */
  MessageInflater inflater(boolean isServer, boolean inParts) {
    boolean takeover =
        !(isServer ? parameters.clientNoContextTakeover() : parameters.serverNoContextTakeover());
    return takeover || inParts ? new MessageInflater(pool, takeover) : pool.inflater();
  }
}
