package dev.halley.showcase;

import java.io.IOException;

/** The directory for the demos' data can't be used; the message says why. */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  DataException(String message, IOException cause) {
    super(message, cause);
  }
}
