package dev.halley.showcase;

import org.junit.jupiter.api.Test;

class PopupIT {
  @Test
  void whatCurlPublishesSlidesIntoEveryPage() throws Exception {
    BrowserScript.run("popup.mjs");
  }
}
