package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class DocumentIT {
  @Test
  void allEndWithTheSameTextThoughTheLogForgets() throws Exception {
    try (RunningShowcase showcase = RunningShowcase.startWithHistory(40)) {
      BrowserScript.visit(showcase, "document.mjs");
    }
  }
}
