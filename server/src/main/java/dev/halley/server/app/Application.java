package dev.halley.server.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which path goes to which code of the application. Immutable.
 *
 * <p>A route is a path like {@code /orders/{id}/items}: each {@code {name}} stands for one segment
 * that isn't empty. The route that was added first wins. {@code /channels}, {@code /publish},
 * {@code /health} and {@code /metrics} are the server's.
 */
public final class Application {
  /** What a path leads to. */
  public sealed interface Target {
    /** A handler, with the values of the route's names. */
    record Handler(RequestHandler handler, Map<String, String> variables) implements Target {}

    /** An endpoint, with the values of the route's names. */
    record Endpoint(WebSocketEndpoint endpoint, Map<String, String> variables) implements Target {}

    /** The path is known, but takes only these methods. */
    record OtherMethods(Set<String> allowed) implements Target {}

    /** The path is unknown. */
    record Unknown() implements Target {}
  }

  private static final Set<String> RESERVED = Set.of("channels", "publish", "health", "metrics");
  private static final Application NONE = new Application(List.of());

  private final List<Route> routes;

  private Application(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /** One that answers nothing. */
  public static Application none() {
    return NONE;
  }

  /** Begins one. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What a request leads to.
   *
   * @param path decoded, without the query
   */
  public Target find(String method, String path) {
    Set<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Optional<Map<String, String>> variables = route.match(path);
      if (variables.isPresent()) {
        if (route.method().equals(method)) {
          return route.action().target(variables.get());
        }
        allowed.add(route.method());
      }
    }
    return allowed.isEmpty() ? new Target.Unknown() : new Target.OtherMethods(allowed);
  }

  private sealed interface Action {
    Target target(Map<String, String> variables);

    record Handle(RequestHandler handler) implements Action {
      @Override
      public Target target(Map<String, String> variables) {
        return new Target.Handler(handler, variables);
      }
    }

    record Open(WebSocketEndpoint endpoint) implements Action {
      @Override
      public Target target(Map<String, String> variables) {
        return new Target.Endpoint(endpoint, variables);
      }
    }
  }

  /** The segments of a path; if it is a prefix, any may follow. */
  private record Route(String method, List<String> segments, boolean prefix, Action action) {
    Optional<Map<String, String>> match(String path) {
      List<String> actual = segmentsOf(path);
      boolean fits = prefix ? actual.size() >= segments.size() : actual.size() == segments.size();
      if (!fits) {
        return Optional.empty();
      }
      Map<String, String> variables = new LinkedHashMap<>();
      for (int i = 0; i < segments.size(); i++) {
        String expected = segments.get(i);
        String value = actual.get(i);
        if (expected.startsWith("{") && !value.isEmpty()) {
          variables.put(expected.substring(1, expected.length() - 1), value);
        } else if (!expected.equals(value)) {
          return Optional.empty();
        }
      }
      return Optional.of(variables);
    }
  }

  private static List<String> segmentsOf(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  /** Collects routes; used by one thread. */
  public static final class Builder {
    private final List<Route> routes = new ArrayList<>();

    private Builder() {}

    /** {@code GET} of a path. */
    public Builder get(String path, RequestHandler handler) {
      return add("GET", path, new Action.Handle(handler));
    }

    /** {@code POST} to a path. */
    public Builder post(String path, RequestHandler handler) {
      return add("POST", path, new Action.Handle(handler));
    }

    /** WebSockets of a path. */
    public Builder webSocket(String path, WebSocketEndpoint endpoint) {
      return add("GET", path, new Action.Open(endpoint));
    }

    /**
     * Files under a path, each read once and then kept in memory, with entity tags, and compressed
     * where that makes them smaller. A path that ends in {@code /} is its {@code index.html}. A
     * file that isn't there is 404, so this comes after the routes that lie below the same path.
     *
     * @param prefix a path that ends in {@code /}
     */
    public Builder files(String prefix, FileSource source) {
      if (!prefix.startsWith("/") || !prefix.endsWith("/")) {
        throw new IllegalArgumentException("A path of files begins and ends with /: " + prefix);
      }
      List<String> segments = segmentsOf(prefix);
      RequestHandler files = new StaticFiles(prefix.length(), source);
      routes.add(
          new Route(
              "GET", segments.subList(0, segments.size() - 1), true, new Action.Handle(files)));
      return this;
    }

    /** What has been collected. */
    public Application build() {
      return new Application(routes);
    }

    private Builder add(String method, String path, Action action) {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("A path begins with /: " + path);
      }
      List<String> segments = segmentsOf(path);
      if (RESERVED.contains(segments.get(0))) {
        throw new IllegalArgumentException("This path is the server's own: " + path);
      }
      routes.add(new Route(method, segments, false, action));
      return this;
    }
  }
}
