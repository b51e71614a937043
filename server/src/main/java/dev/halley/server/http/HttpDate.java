package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What {@code Date} says (RFC 9110 section 6.6.1), made once a second: a server with a clock says
 * it in each answer.
 *
 * @param second since 1970
 * @param text as {@code Sun, 06 Nov 1994 08:49:37 GMT}
 * @param line the field with the line's end before it, for HTTP/1.1
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
record HttpDate(long second, String text, byte[] line) {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final long MILLIS = 1_000;

  /** Any thread may make a newer one; it is the same, whoever does. */
  private static final AtomicReference<HttpDate> LATEST = new AtomicReference<>(at(0));

  /** The one of now. */
  static HttpDate now() {
    long second = System.currentTimeMillis() / MILLIS;
    HttpDate known = LATEST.get();
    if (known.second != second) {
      known = at(second);
      LATEST.set(known);
    }
    return known;
  }

  static HttpDate at(long second) {
    String text = FORMAT.format(Instant.ofEpochSecond(second));
    return new HttpDate(second, text, ("\r\nDate: " + text).getBytes(US_ASCII));
  }
}
