package dev.halley.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A server, seen from a client.
 *
 * @param base its URL without a slash at the end
 * @param bearer what goes out as {@code Authorization: Bearer …}, if anything
 * @param http shared by all that talk to it
 */
record Endpoint(URI base, Optional<String> bearer, HttpClient http) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /**
   * The server with this URL.
   *
   * @throws CommandException if it isn't one
   */
  static Endpoint of(String url) {
    try {
      URI uri = new URI(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getQuery() == null) {
        return new Endpoint(uri, Optional.empty(), newClient());
      }
    } catch (URISyntaxException e) {
      // falls through to the same rule
    }
    throw CommandException.usage(
        "--url: \"" + url + "\" is not a URL such as http://127.0.0.1:8080");
  }

  /**
   * The same for whoever has a token.
   *
   * @throws CommandException if it can't be one
   */
  Endpoint withBearer(Optional<String> token) {
    if (token.isPresent() && !token.get().matches("[!-~]+")) {
      throw CommandException.usage("a token is made of letters, digits and punctuation");
    }
    return new Endpoint(base, token, http);
  }

  private static HttpClient newClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT_TIMEOUT)
        .build();
  }

  /** A request to the URL of {@code channels}, with a cursor if there is one. */
  HttpRequest.Builder request(List<String> channels, Optional<Cursors> since) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path(channels, since)));
    bearer.ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  /** The same URL for a WebSocket. */
  URI webSocket(Cursors cursors) {
    // http becomes ws, https becomes wss.
    return URI.create(
        "ws"
            + base.toString().substring("http".length())
            + path(cursors.channels(), Optional.of(cursors)));
  }

  private static String path(List<String> channels, Optional<Cursors> since) {
    return "/channels/"
        + String.join(",", channels)
        + since
            .map(
                cursors ->
                    "?since=" + URLEncoder.encode(cursors.toString(), StandardCharsets.UTF_8))
            .orElse("");
  }
}
