package dev.halley.showcase;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The pages with their scripts and styles, as they are in this module. */
final class Pages {
  private Pages() {}

  /** Opens a file by its relative path, or returns null if there is none. */
  static @Nullable InputStream open(String name) {
    return Pages.class.getResourceAsStream("pages/" + name);
  }
}
