package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class BytesIT {
  @Test
  void whatThePagesCountIsWhatGoesOverTheWire() throws Exception {
    BrowserScript.run("bytes.mjs");
  }
}
