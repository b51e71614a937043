package dev.halley.showcase;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TapLinkIT {
  private static final URI TAP = URI.create("http://127.0.0.1:9001/");

  @Test
  void pagesLinkToTheTapsPageForThoseWhoReachIt() throws Exception {
    try (RunningShowcase showcase = RunningShowcase.startTapped(() -> Optional.of(TAP))) {
      BrowserScript.visit(showcase, "tap.mjs", TAP.toString());
    }
  }
}
