package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class GameIT {
  @Test
  void monstersStrikePlayersMeetAndAHundredBotsDontMakeItStutter() throws Exception {
    BrowserScript.run("game.mjs");
  }
}
