package dev.halley.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An answer. The server writes the fields that say where it ends.
 *
 * @param status 200 to 599
 * @param headers header fields, none of which may break out of its line
 * @param body sent from its position to its limit; ignored where the status has none (204, 304)
 */
public record Response(int status, Map<String, String> headers, ByteBuffer body) {
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
  private static final Set<String> OURS =
      Set.of("connection", "content-length", "transfer-encoding", "upgrade");
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if the status or a field isn't what HTTP or the server allows
   */
  public Response {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("An answer has a status of 200 to 599, not " + status);
    }
    headers.forEach(Response::check);
    headers = Map.copyOf(headers);
    body = body.asReadOnlyBuffer();
  }

  /** 200 with {@code application/json}. */
  public static Response json(String json) {
    return of("application/json", json.getBytes(UTF_8)).withHeader("Cache-Control", "no-store");
  }

  /** 200 with {@code text/plain}. */
  public static Response text(String text) {
    return of("text/plain; charset=utf-8", text.getBytes(UTF_8))
        .withHeader("Cache-Control", "no-store");
  }

  /** 200 with whatever it is. */
  public static Response of(String contentType, byte[] body) {
    return new Response(200, Map.of("Content-Type", contentType), ByteBuffer.wrap(body));
  }

  /** A status without a body. */
  public static Response status(int status) {
    return new Response(status, Map.of(), NOTHING);
  }

  /** 302: what was asked for is elsewhere. */
  public static Response redirect(String location) {
    return status(302).withHeader("Location", location);
  }

  /** The same with another field; one of the same name is replaced. */
  public Response withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.keySet().removeIf(name::equalsIgnoreCase);
    more.put(name, value);
    return new Response(status, more, body);
  }

  /** The body; a buffer of its own each time. */
  @Override
  public ByteBuffer body() {
    return body.duplicate();
  }

  private static void check(String name, String value) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("No name of a header field: " + name);
    }
    if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("The server itself writes " + name);
    }
    if (!VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException("The value of " + name + " has control characters");
    }
  }
}
