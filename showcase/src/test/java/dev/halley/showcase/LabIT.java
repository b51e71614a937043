package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class LabIT {
  @Test
  void allFourTransportsReceiveAndPollingAsksMoreThanWebSocket() throws Exception {
    BrowserScript.run("lab.mjs");
  }
}
