package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class ChatIT {
  @Test
  void nothingIsLostAndNothingComesTwiceAcrossARestart() throws Exception {
    BrowserScript.run("chat.mjs");
  }
}
