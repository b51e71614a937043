package dev.halley.server.app;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Where files come from: a class loader, mostly. */
@FunctionalInterface
public interface FileSource {
  /**
   * Opens a file; called again for each request until it has been found once, and then no more.
   *
   * @param name a relative path, as {@code css/style.css}, never with {@code .} or {@code ..}
   * @return its bytes, or null if there is no such file
   */
  @Nullable InputStream open(String name) throws IOException;
}
