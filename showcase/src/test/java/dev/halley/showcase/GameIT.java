package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class GameIT {
  @Test
  void playersSeeEachOtherMoveAndWhoSitsStillIsStruck() throws Exception {
    BrowserScript.run("game.mjs");
  }

  @Test
  void aHundredBotsDontMakeItStutter() throws Exception {
    BrowserScript.run("game-bots.mjs");
  }
}
