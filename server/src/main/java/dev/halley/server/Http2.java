package dev.halley.server;

/**
 * The bounds of a connection of HTTP/2.
 *
 * @param streams open at the same time
 * @param controlFrames of each of the kinds PING, SETTINGS and RST_STREAM within 30 s; of
 *     WINDOW_UPDATE, and of PRIORITY and unknown ones, ten times as many, and ten for each DATA
 *     frame that is sent, and each request that is made
 */
public record Http2(int streams, int controlFrames) {
  /** Checks that they are positive. */
  public Http2 {
    if (streams < 1 || controlFrames < 1) {
      throw new IllegalArgumentException("http2.streams and http2.control-frames are at least 1");
    }
  }

  /** What browsers and proxies get along with. */
  public static Http2 defaults() {
    return new Http2(128, 200);
  }
}
