package dev.halley.websocket;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads fields whose values are lists (RFC 7230 sections 3.2.6 and 7): from several lines, and with
 * empty elements between commas, as a recipient must.
 */
final class HeaderValues {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private final String text;
  private int at;
  private boolean malformed;

  private HeaderValues(String text) {
    this.text = text;
  }

  /** The elements of {@code #token}; empty if that isn't what stands there. */
  static Optional<List<String>> tokens(List<String> lines) {
    return list(lines, HeaderValues::token);
  }

  /** The elements of {@code #( token [ "/" token ] )}; empty if that isn't what stands there. */
  static Optional<List<String>> protocols(List<String> lines) {
    return list(lines, HeaderValues::protocol);
  }

  /** The elements of Sec-WebSocket-Extensions; empty if that isn't what stands there. */
  static Optional<List<ExtensionOffer>> extensions(List<String> lines) {
    return list(lines, HeaderValues::extension);
  }

  /** Whether the text is a token. */
  static boolean isToken(String text) {
    HeaderValues values = new HeaderValues(text);
    values.token();
    return !values.malformed && values.atEnd();
  }

  private static <T> Optional<List<T>> list(List<String> lines, Function<HeaderValues, T> element) {
    List<T> elements = new ArrayList<>();
    for (String line : lines) {
      HeaderValues values = new HeaderValues(line);
      values.readList(element, elements);
      if (values.malformed) {
        return Optional.empty();
      }
    }
    return Optional.of(elements);
  }

  private <T> void readList(Function<HeaderValues, T> element, List<T> elements) {
    skipWhitespace();
    while (!malformed && !atEnd()) {
      if (!skip(',')) {
        elements.add(element.apply(this));
        skipWhitespace();
        malformed |= !atEnd() && !skip(',');
      }
      skipWhitespace();
    }
  }

  private String protocol() {
    String name = token();
    return skip('/') ? name + '/' + token() : name;
  }

  private ExtensionOffer extension() {
    String name = token();
    List<ExtensionOffer.Param> params = new ArrayList<>();
    skipWhitespace();
    while (skip(';')) {
      skipWhitespace();
      params.add(param());
      skipWhitespace();
    }
    return new ExtensionOffer(name, List.copyOf(params));
  }

  private ExtensionOffer.Param param() {
    String name = token();
    skipWhitespace();
    if (!skip('=')) {
      return new ExtensionOffer.Param(name, Optional.empty());
    }
    skipWhitespace();
    return new ExtensionOffer.Param(name, Optional.of(skip('"') ? quotedToken() : token()));
  }

  private String token() {
    int from = at;
    while (!atEnd() && isTokenChar(text.charAt(at))) {
      at++;
    }
    malformed |= at == from;
    return text.substring(from, at);
  }

  /** The rest of a quoted string whose content must be a token (RFC 6455 section 9.1). */
  private String quotedToken() {
    StringBuilder content = new StringBuilder();
    boolean closed = skip('"');
    while (!closed && !atEnd()) {
      char c = text.charAt(at++);
      if (c == '\\' && !atEnd()) {
        c = text.charAt(at++);
      }
      content.append(c);
      closed = skip('"');
    }
    malformed |= !closed || !isToken(content.toString());
    return content.toString();
  }

  private boolean skip(char expected) {
    boolean found = !atEnd() && text.charAt(at) == expected;
    if (found) {
      at++;
    }
    return found;
  }

  private void skipWhitespace() {
    while (!atEnd() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }

  private boolean atEnd() {
    return at == text.length();
  }

  private static boolean isTokenChar(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || TOKEN_MARKS.indexOf(c) >= 0;
  }
}
