package dev.halley.showcase;

import dev.halley.server.app.Application;
import dev.halley.server.app.Response;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Tells the pages where one can look on at what they say, if somebody shows it. */
final class TapLink implements Demo {
  private static final int NO_CONTENT = 204;

  private final Supplier<Optional<URI>> page;

  TapLink(Supplier<Optional<URI>> page) {
    this.page = page;
  }

  @Override
  public void addRoutes(Application.Builder routes) {
    routes.get("/shared/tap", request -> page.get().map(TapLink::at).orElseGet(TapLink::nowhere));
  }

  private static Response at(URI page) {
    return Response.json(Json.object(Map.of("url", page.toString())));
  }

  private static Response nowhere() {
    return Response.status(NO_CONTENT).withHeader("Cache-Control", "no-store");
  }
}
