package dev.halley.server.http;

import dev.halley.broker.StreamPosition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The entity tags of {@code If-None-Match} (RFC 9110 section 13.1.2). One that a poll was answered
 * with is a position for each channel. Any other is legal and matches nothing.
 */
final class EntityTags {
  /** Whatever the client has: it matches an answer that has nothing new. */
  static final String ANY = "*";

  private static final String RULE =
      "If-None-Match is * or a list of entity tags in quotation marks";

  private final String list;
  private final int channels;
  private int at;
  private boolean any;
  private @Nullable String furthest;

  private EntityTags(String list, int channels) {
    this.list = list;
    this.channels = channels;
  }

  /**
   * The positions that the client has; {@link #ANY} if it says that, and nothing if none of its
   * tags is ours. A client that has several has read up to the furthest.
   *
   * @param lines of the field
   * @param channels how many positions a tag of ours has
   * @throws HttpError 400 if it is no list of entity tags
   */
  static Optional<String> positions(List<String> lines, int channels) {
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    EntityTags tags = new EntityTags(String.join(",", lines), channels);
    tags.read();
    return tags.any && tags.furthest == null
        ? Optional.of(ANY)
        : Optional.ofNullable(tags.furthest);
  }

  /** Empty elements are none (RFC 9110 section 5.6.1.2). */
  private void read() {
    while (true) {
      skipSpace();
      if (at == list.length()) {
        return;
      }
      char c = list.charAt(at);
      if (c == '*') {
        any = true;
        at++;
      } else if (c != ',') {
        readTag();
      }
      skipSpace();
      if (at < list.length() && list.charAt(at++) != ',') {
        throw HttpError.badRequest(RULE);
      }
    }
  }

  private void readTag() {
    // Compared weakly; a proxy that compresses makes a strong tag weak.
    if (list.startsWith("W/", at)) {
      at += 2;
    }
    int end = list.startsWith("\"", at) ? list.indexOf('"', at + 1) : -1;
    if (end < 0) {
      throw HttpError.badRequest(RULE);
    }
    String opaque = list.substring(at + 1, end);
    at = end + 1;
    // Apache 2.2 put the coding's name behind the quotation mark.
    while (at < list.length() && isOfCoding(list.charAt(at))) {
      at++;
    }
    String positions = withoutCoding(opaque);
    if (isOurs(positions) && (furthest == null || isBefore(furthest, positions))) {
      furthest = positions;
    }
  }

  private void skipSpace() {
    while (at < list.length() && (list.charAt(at) == ' ' || list.charAt(at) == '\t')) {
      at++;
    }
  }

  private static boolean isOfCoding(char c) {
    return c == '-' || (c >= 'a' && c <= 'z');
  }

  /** Proxies and servers that compress add the coding: {@code -gzip}, {@code --br}, {@code ;gz}. */
  private static String withoutCoding(String opaque) {
    int end = 0;
    while (end < opaque.length() && isOfPosition(opaque.charAt(end))) {
      end++;
    }
    boolean isCoding = end < opaque.length() && "-;+._".indexOf(opaque.charAt(end)) >= 0;
    return isCoding ? opaque.substring(0, end) : opaque;
  }

  private static boolean isOfPosition(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == ',';
  }

  private boolean isOurs(String text) {
    String[] parts = text.split(",", -1);
    if (parts.length != channels) {
      return false;
    }
    try {
      for (String part : parts) {
        StreamPosition.parse(part);
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Whether all of one's positions are at those of the other or before them. */
  private static boolean isBefore(String one, String other) {
    String[] ones = one.split(",", -1);
    String[] others = other.split(",", -1);
    for (int i = 0; i < ones.length; i++) {
      StreamPosition a = StreamPosition.parse(ones[i]);
      StreamPosition b = StreamPosition.parse(others[i]);
      if (!a.sameEpoch(b) || a.offset() > b.offset()) {
        return false;
      }
    }
    return true;
  }
}
