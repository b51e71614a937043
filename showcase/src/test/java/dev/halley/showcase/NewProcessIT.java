package dev.halley.showcase;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import dev.halley.server.app.Application;
import dev.halley.server.app.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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
    ServerConfig.Network any = new ServerConfig.Network("127.0.0.1", 0, ServerConfig.Io.NIO, 1);
    try (Processes processes = new Processes(data);
        MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
        HalleyServer control =
            HalleyServer.start(
                ServerConfig.defaults().withNetwork(any), broker, processes.control())) {
      String url = "http://127.0.0.1:" + control.address().getPort() + "/next";
      BrowserScript.visit(processes.current, "newprocess.mjs", url, expected);
    }
  }

  /** One showcase after the other on the same port. */
  private static final class Processes implements AutoCloseable {
    private final Optional<Path> data;
    private volatile RunningShowcase current;

    Processes(Optional<Path> data) throws IOException {
      this.data = data;
      this.current = RunningShowcase.start(Showcase.brokerLimits(), 0, data);
    }

    Application control() {
      return Application.builder()
          .post(
              "/next",
              request -> {
                next();
                return Response.status(204);
              })
          .build();
    }

    private void next() throws IOException {
      int port = current.demo().address().getPort();
      current.close();
      current = RunningShowcase.start(Showcase.brokerLimits(), port, data);
    }

    @Override
    public void close() {
      current.close();
    }
  }
}
