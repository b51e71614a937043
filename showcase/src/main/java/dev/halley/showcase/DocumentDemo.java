package dev.halley.showcase;

import dev.halley.server.app.Application;
import dev.halley.showcase.document.Documents;

/** The document that several people edit at once. */
record DocumentDemo(Documents documents) implements Demo {
  @Override
  public void addRoutes(Application.Builder routes) {
    documents.addRoutes(routes);
  }
}
