package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.halley.websocket.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The head of a request or a response, read tolerantly (RFC 9112).
 *
 * @param first of the start line's three parts
 * @param length its bytes
 */
record Head(String first, String second, String third, List<Header> headers, int length)
    implements HeaderText {
  /** Reads a head; empty if its first line has no three parts. */
  static Optional<Head> read(byte[] bytes, int length) {
    String text = new String(bytes, 0, length, ISO_8859_1);
    List<String> lines = text.lines().toList();
    String[] start = lines.getFirst().split(" ", 3);
    if (start.length < 2) {
      return Optional.empty();
    }
    List<Header> headers = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith(" ") || line.startsWith("\t")) {
        if (!headers.isEmpty()) {
          Header folded = headers.removeLast();
          headers.add(new Header(folded.name(), folded.value() + " " + line.strip()));
        }
      } else if (!line.isEmpty()) {
        int colon = line.indexOf(':');
        String name = colon < 0 ? line : line.substring(0, colon);
        headers.add(new Header(name.strip(), colon < 0 ? "" : line.substring(colon + 1).strip()));
      }
    }
    return Optional.of(
        new Head(
            start[0], start[1], start.length < 3 ? "" : start[2], List.copyOf(headers), length));
  }

  @Override
  public List<String> all(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .toList();
  }

  boolean isChunked() {
    return lower("Transfer-Encoding").endsWith("chunked");
  }

  boolean isUpgradeToWebSocket() {
    return lower("Upgrade").contains("websocket");
  }

  OptionalLong contentLength() {
    for (String value : all("Content-Length")) {
      try {
        long length = Long.parseLong(value);
        return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
      } catch (NumberFormatException e) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }
}
