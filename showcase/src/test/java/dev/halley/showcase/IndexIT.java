package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class IndexIT {
  @Test
  void everyPageLoadsWithoutErrorsInBothLanguagesAndThemes() throws Exception {
    BrowserScript.run("index.mjs");
  }
}
