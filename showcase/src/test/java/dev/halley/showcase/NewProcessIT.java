package dev.halley.showcase;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of new epochs and empty memories, as after a killed process; what is left are the files. */
class NewProcessIT {
  @Test
  void theChatIsReadFromItsFile(@TempDir Path data) throws Exception {
    visit("kept", Optional.of(data));
  }

  @Test
  void withoutAFileTheChatSaysWhatIsLost() throws Exception {
    visit("lost", Optional.empty());
  }

  private static void visit(String expected, Optional<Path> data) throws Exception {
    RunningShowcase first = RunningShowcase.start(Showcase.brokerLimits(), 0, data);
    int port = first.demo().address().getPort();
    AtomicReference<RunningShowcase> showcase = new AtomicReference<>(first);
    HttpServer control =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    control.createContext(
        "/",
        exchange -> {
          showcase.get().close();
          showcase.set(RunningShowcase.start(Showcase.brokerLimits(), port, data));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    control.start();
    try {
      String url = "http://127.0.0.1:" + control.getAddress().getPort() + "/";
      BrowserScript.visit(first, "newprocess.mjs", url, expected);
    } finally {
      control.stop(0);
      showcase.get().close();
    }
  }
}
