package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class QrIT {
  @Test
  void aPhoneLogsAPageInByPollingLongPollingAndWebSocket() throws Exception {
    BrowserScript.run("qr.mjs");
  }
}
