package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;
import java.util.Set;

/**
 * Masks the credentials in the head of a request or response, byte for byte, so that nothing moves:
 * the fields that carry them, and {@code token=} wherever it stands.
 */
final class HeadSecrets {
  private static final Set<String> AUTHORIZATIONS = Set.of("authorization", "proxy-authorization");
  private static final Set<String> COOKIES = Set.of("cookie", "set-cookie", "cookie2");

  private HeadSecrets() {}

  /** Masks in place; the head may be cut. */
  static void mask(byte[] head, int length) {
    new TokenMask(false).apply(head, 0, length);
    String name = "";
    int line = 0;
    for (int at = 0; at <= length; at++) {
      if (at == length || head[at] == '\n') {
        name = maskLine(head, line, at, name);
        line = at + 1;
      }
    }
  }

  /** Returns the field's name, which goes on if the next line is folded (RFC 9112 section 5.2). */
  private static String maskLine(byte[] head, int from, int to, String nameBefore) {
    boolean folded = from < to && (head[from] == ' ' || head[from] == '\t');
    int value = from;
    String name = nameBefore;
    if (!folded) {
      while (value < to && head[value] != ':') {
        value++;
      }
      name = new String(head, from, value - from, ISO_8859_1).strip().toLowerCase(Locale.ROOT);
      value = Math.min(value + 1, to);
    }
    if (AUTHORIZATIONS.contains(name)) {
      stars(head, folded ? value : afterScheme(head, value, to), to);
    } else if (COOKIES.contains(name)) {
      stars(head, value, to);
    }
    return name;
  }

  /** What kind of credentials it is may be seen. */
  private static int afterScheme(byte[] head, int from, int to) {
    int at = from;
    while (at < to && isBlank(head[at])) {
      at++;
    }
    int word = at;
    while (at < to && !isBlank(head[at])) {
      at++;
    }
    return at == to || head[at] == '\r' ? word : at;
  }

  private static void stars(byte[] head, int from, int to) {
    for (int at = from; at < to; at++) {
      if (!isBlank(head[at])) {
        head[at] = TokenMask.STAR;
      }
    }
  }

  private static boolean isBlank(byte value) {
    return value == ' ' || value == '\t' || value == '\r';
  }
}
