package dev.halley.server;

import io.netty.util.NetUtil;
import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The origins that one entry of {@code allow-origin} names: one ({@code https://app.example.org}),
 * all subdomains of a domain at any depth but not the domain itself ({@code
 * https://*.example.org}), this machine with any port ({@code http://localhost:*}), or any at all
 * ({@code *}). What is meant is normalised to what browsers send: letters are lower-case, the
 * scheme's own port and a slash at the end are left out, and names are ASCII (RFC 6454 section
 * 6.2).
 */
public final class OriginPattern {
  private static final String ANY = "*";
  private static final String SCHEME_END = "://";
  private static final String SUBDOMAINS = "*.";

  private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");
  private static final Pattern LAST_LABEL_IS_NUMBER =
      Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");
  private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*");
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

  /** Letters that browsers and the JDK turn into different ASCII (UTS 46, deviations). */
  private static final Pattern DEVIATION = Pattern.compile("[\u00df\u1e9e\u03c2\u200c\u200d]");

  private final String text;

  /** What an origin begins and ends with, where not all of it is given. */
  private final String prefix;

  private final String suffix;

  private OriginPattern(String text, String prefix, String suffix) {
    this.text = text;
    this.prefix = prefix;
    this.suffix = suffix;
  }

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException with what to write instead
   */
  public static OriginPattern parse(String entry) {
    String lower = entry.strip().toLowerCase(Locale.ROOT);
    if (lower.equals(ANY)) {
      return new OriginPattern(ANY, "", "");
    }
    int end = lower.indexOf(SCHEME_END);
    if (lower.isEmpty() || lower.equals("null") || end < 0) {
      throw lower.isEmpty() || lower.equals("null")
          ? bad(entry, "is no origin: write one such as https://app.example.org")
          : bad(entry, "lacks its scheme: write https://" + lower);
    }
    String scheme = lower.substring(0, end);
    String rest = lower.substring(end + SCHEME_END.length());
    if (!SCHEME.matcher(scheme).matches() || scheme.equals("file")) {
      throw bad(entry, "is no origin: write one such as https://app.example.org");
    }
    if (scheme.equals("ws") || scheme.equals("wss")) {
      throw bad(
          entry,
          "has the scheme of a WebSocket: write that of the page, http"
              + scheme.substring(2)
              + SCHEME_END
              + rest);
    }
    String authority = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
    int tail = indexOfAny(authority, "/?#");
    if (tail >= 0) {
      throw bad(entry, "has a path: write " + scheme + SCHEME_END + authority.substring(0, tail));
    }
    int user = authority.lastIndexOf('@');
    if (user >= 0) {
      throw bad(
          entry, "names a user: write " + scheme + SCHEME_END + authority.substring(user + 1));
    }
    return parse(entry, scheme, authority);
  }

  private static OriginPattern parse(String entry, String scheme, String authority) {
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']');
    String host = host(entry, hasPort ? authority.substring(0, colon) : authority);
    String port = hasPort ? authority.substring(colon + 1) : "";
    String prefix = scheme + SCHEME_END;
    if (port.equals(ANY)) {
      if (!LOOPBACK.matcher(host).matches()) {
        throw bad(
            entry,
            "has any port of another machine: name the port, any is for localhost, 127.0.0.1 and [::1]");
      }
      return new OriginPattern(prefix + host + ":*", prefix + host, "");
    }
    if (!port.isEmpty() && (!PORT.matcher(port).matches() || Integer.parseInt(port) > 65_535)) {
      throw bad(entry, "has no port of 1 to 65535 behind its colon");
    }
    String written = port.isEmpty() || port.equals(ownPort(scheme)) ? host : host + ":" + port;
    return host.startsWith(SUBDOMAINS)
        ? new OriginPattern(prefix + written, prefix, written.substring(1))
        : new OriginPattern(prefix + written, prefix + written, "");
  }

  private static String host(String entry, String host) {
    if (host.startsWith("[") && host.endsWith("]")) {
      InetAddress address =
          NetUtil.createInetAddressFromIpAddressString(host.substring(1, host.length() - 1));
      if (address == null) {
        throw bad(entry, "has no IPv6 address between its brackets");
      }
      return "[" + NetUtil.toAddressString(address) + "]";
    }
    boolean wild = host.startsWith(SUBDOMAINS);
    String name = ascii(entry, wild ? host.substring(SUBDOMAINS.length()) : host);
    if (name.contains(ANY)) {
      throw bad(entry, "has a * in another place: it stands for subdomains, https://*.example.org");
    }
    if (!NAME.matcher(name).matches()
        || (LAST_LABEL_IS_NUMBER.matcher(name).matches()
            && (wild || !NetUtil.isValidIpV4Address(name)))) {
      throw bad(
          entry, "has no name or address of a host: write one such as https://app.example.org");
    }
    if (wild && name.indexOf('.') < 0 && !name.equals("localhost")) {
      throw bad(
          entry, "would be all of a top-level domain: write one such as https://*.example.org");
    }
    return wild ? SUBDOMAINS + name : name;
  }

  private static String ascii(String entry, String name) {
    if (name.chars().allMatch(it -> it < 128)) {
      return name;
    }
    if (DEVIATION.matcher(name).find()) {
      throw bad(
          entry,
          "has a letter that is written in two ways: write the name as xn--…, as the browser does");
    }
    try {
      return IDN.toASCII(name).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      throw bad(entry, "has no name of a host");
    }
  }

  private static int indexOfAny(String text, String characters) {
    for (int i = 0; i < text.length(); i++) {
      if (characters.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static IllegalArgumentException bad(String entry, String what) {
    return new IllegalArgumentException("allow-origin: \"" + entry + "\" " + what);
  }

  /** The port that a browser leaves out. */
  private static String ownPort(String scheme) {
    return switch (scheme) {
      case "http" -> "80";
      case "https" -> "443";
      default -> "";
    };
  }

  /**
   * An origin, or a scheme with a {@code Host}, as {@link #matches} wants it: in lower case and
   * without the scheme's own port.
   */
  public static String normalize(String origin) {
    String lower = origin.toLowerCase(Locale.ROOT);
    int end = lower.indexOf(SCHEME_END);
    if (end < 0) {
      return lower;
    }
    String port = ":" + ownPort(lower.substring(0, end));
    return port.length() > 1 && lower.endsWith(port)
        ? lower.substring(0, lower.length() - port.length())
        : lower;
  }

  /** Whether it names an origin that is {@linkplain #normalize normalised}. */
  public boolean matches(String origin) {
    if (isAny()) {
      return true;
    }
    if (suffix.isEmpty() && !text.endsWith(":*")) {
      return origin.equals(text);
    }
    if (!origin.startsWith(prefix)
        || !origin.endsWith(suffix)
        || origin.length() < prefix.length() + suffix.length()) {
      return false;
    }
    String between = origin.substring(prefix.length(), origin.length() - suffix.length());
    return suffix.isEmpty()
        ? between.isEmpty()
            || (between.startsWith(":") && PORT.matcher(between.substring(1)).matches())
        : SUBDOMAIN.matcher(between).matches();
  }

  /** Whether it names every origin. */
  public boolean isAny() {
    return text.equals(ANY);
  }

  /** As a browser would write it. */
  @Override
  public String toString() {
    return text;
  }
}
