package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Masks the credentials in the head of a request or response, byte for byte, so that nothing moves:
 * the fields that carry them, {@code token=} wherever it stands, and what looks like a JSON Web
 * Token.
 */
final class HeadSecrets {
  private static final Set<String> AUTHORIZATIONS = Set.of("authorization", "proxy-authorization");
  private static final Set<String> COOKIES =
      Set.of("cookie", "set-cookie", "cookie2", "set-cookie2");
  private static final String SUBPROTOCOLS = "sec-websocket-protocol";

  /** Parts of the names of other fields whose values are credentials. */
  private static final List<String> TELLING = List.of("token", "api-key", "apikey", "secret");

  /** Other first words of an {@code Authorization} may be the secret themselves. */
  private static final Set<String> SCHEMES =
      Set.of(
          "basic",
          "bearer",
          "digest",
          "dpop",
          "gnap",
          "hoba",
          "mutual",
          "negotiate",
          "ntlm",
          "privatetoken",
          "scram-sha-1",
          "scram-sha-256",
          "token",
          "vapid",
          "apikey");

  /** RFC 7515 section 7.1: base64url of a JSON object, and two more parts. */
  private static final Pattern WEB_TOKEN =
      Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_.-]*");

  /** Subprotocols by which a page passes what it can't put into a field. */
  private static final Pattern CARRIER =
      Pattern.compile("(?i)(.*[._-])?(bearer|authorization|auth|jwt|access_?token|token)");

  private static final Pattern CODING =
      Pattern.compile("(?im)^(Content-Encoding)[ \\t]*:(?![ \\t]*(identity[ \\t]*)?\\r?$)");

  private static final String WITHHELD = "Content-Withheld";

  private HeadSecrets() {}

  /** Masks in place; the head may be cut. */
  static void mask(byte[] head, int length) {
    String unused = mask(head, length, "");
  }

  /**
   * As {@link #mask(byte[], int)}, for a part of a head.
   *
   * @param before the name of the field before, which may go on
   * @return that of the last one
   */
  static String mask(byte[] head, int length, String before) {
    String name = before;
    int line = 0;
    for (int at = 0; at <= length; at++) {
      // A bare CR ends a line for some readers.
      if (at == length || head[at] == '\n' || head[at] == '\r') {
        name = at == line ? name : maskLine(head, line, at, name);
        line = at + 1;
      }
    }
    return name;
  }

  /** Returns the field's name, which goes on if the next line is folded (RFC 9112 section 5.2). */
  private static String maskLine(byte[] head, int from, int to, String nameBefore) {
    mask(new TokenMask(false), head, from, to);
    boolean folded = from < to && isBlank(head[from]);
    if (folded && isSecret(nameBefore)) {
      stars(head, from, to);
      return nameBefore;
    }
    int value = from;
    while (value < to && head[value] != ':') {
      value++;
    }
    String name = new String(head, from, value - from, ISO_8859_1).strip().toLowerCase(Locale.ROOT);
    value = Math.min(value + 1, to);
    if (AUTHORIZATIONS.contains(name)) {
      stars(head, afterScheme(head, value, to), to);
    } else if (isSecret(name)) {
      stars(head, value, to);
    } else if (name.equals(SUBPROTOCOLS) || (folded && nameBefore.equals(SUBPROTOCOLS))) {
      maskSubprotocols(head, folded ? from : value, to);
    }
    return folded ? nameBefore : name;
  }

  /**
   * Says in a head that its body was coded, and isn't in the file: in place, {@code
   * Content-Withheld} is as long as {@code Content-Encoding}.
   */
  static void withholdCoding(byte[] head, int length) {
    Matcher coding = CODING.matcher(new String(head, 0, length, ISO_8859_1));
    while (coding.find()) {
      byte[] name = WITHHELD.getBytes(ISO_8859_1);
      System.arraycopy(name, 0, head, coding.start(1), name.length);
    }
  }

  /** The name of a field in such a file, given its name and value. */
  static String nameInFile(String name, String value) {
    boolean coded = name.equals("content-encoding") && !value.equals("identity");
    return coded ? WITHHELD.toLowerCase(Locale.ROOT) : name;
  }

  private static void mask(TokenMask tokens, byte[] head, int from, int to) {
    tokens.apply(head, from, to);
    Matcher token = WEB_TOKEN.matcher(new String(head, from, to - from, ISO_8859_1));
    while (token.find()) {
      stars(head, from + token.start(), from + token.end());
    }
  }

  /** Whether a field's whole value is a credential. */
  private static boolean isSecret(String name) {
    return AUTHORIZATIONS.contains(name)
        || COOKIES.contains(name)
        || (name.indexOf(' ') < 0 && TELLING.stream().anyMatch(name::contains));
  }

  /** The one after the name of a way to pass credentials, and what follows such a name itself. */
  private static void maskSubprotocols(byte[] head, int from, int to) {
    boolean carried = false;
    int begin = from;
    for (int at = from; at <= to; at++) {
      if (at == to || head[at] == ',') {
        String offered = new String(head, begin, at - begin, ISO_8859_1);
        if (carried) {
          stars(head, begin, at);
        } else {
          int dot = secretFrom(offered);
          stars(head, begin + dot, at);
        }
        carried = CARRIER.matcher(offered.strip()).matches();
        begin = at + 1;
      }
    }
  }

  private static int secretFrom(String offered) {
    for (int dot = offered.indexOf('.'); dot >= 0; dot = offered.indexOf('.', dot + 1)) {
      if (CARRIER.matcher(offered.substring(0, dot).strip()).matches()) {
        return dot + 1;
      }
    }
    return offered.length();
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
    String scheme = new String(head, word, at - word, ISO_8859_1).toLowerCase(Locale.ROOT);
    return SCHEMES.contains(scheme) ? at : word;
  }

  private static void stars(byte[] head, int from, int to) {
    for (int at = from; at < to; at++) {
      if (!isBlank(head[at])) {
        head[at] = TokenMask.STAR;
      }
    }
  }

  private static boolean isBlank(byte value) {
    return value == ' ' || value == '\t';
  }
}
