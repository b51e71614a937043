package dev.halley.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A request as it came. Immutable. */
public final class Request {
  private final String method;
  private final String path;
  private final Map<String, List<String>> query;
  private final Map<String, String> headers;
  private final Map<String, String> variables;
  private final ByteBuffer body;
  private final InetSocketAddress remoteAddress;

  /**
   * A request, for the server and for tests of handlers.
   *
   * @param path decoded, without the query
   * @param query the parameters of the query, decoded, each with its values in order
   * @param headers the header fields; several of one name are joined by commas
   * @param variables the values of the {@code {names}} of the route
   */
  public Request(
      String method,
      String path,
      Map<String, List<String>> query,
      Map<String, String> headers,
      Map<String, String> variables,
      ByteBuffer body,
      InetSocketAddress remoteAddress) {
    this.method = method;
    this.path = path;
    this.query = Map.copyOf(query);
    this.headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    this.headers.putAll(headers);
    this.variables = Map.copyOf(variables);
    this.body = body.asReadOnlyBuffer();
    this.remoteAddress = remoteAddress;
  }

  /** The method, as {@code GET}. */
  public String method() {
    return method;
  }

  /** The path, decoded, without the query. */
  public String path() {
    return path;
  }

  /**
   * What stands where the route has {@code {name}}.
   *
   * @throws IllegalArgumentException if the route has no such name
   */
  public String variable(String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalArgumentException("The route has no {" + name + "}");
    }
    return value;
  }

  /** The first value of a parameter of the query. */
  public Optional<String> query(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  /** A header field; several of one name are joined by commas (RFC 9110 section 5.3). */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** The body; a buffer of its own each time. Empty where there is none. */
  public ByteBuffer body() {
    return body.duplicate();
  }

  /** The body as UTF-8, with what isn't UTF-8 replaced by U+FFFD. */
  public String bodyText() {
    return UTF_8.decode(body()).toString();
  }

  /**
   * The client: whoever is at the other end of the connection, or whom a trusted proxy there speaks
   * for. The port is 0 where the proxy doesn't tell it.
   */
  public InetSocketAddress remoteAddress() {
    return remoteAddress;
  }
}
