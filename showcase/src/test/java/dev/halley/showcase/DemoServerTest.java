package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoServerTest {
  @Test
  void aDirectoryThatIsNoneStopsTheStart(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(
            () -> RunningShowcase.start(Showcase.brokerLimits(), 0, Optional.of(file)).close())
        .isInstanceOf(DataException.class)
        .hasMessage("can't keep the chat in " + file + ": it is no directory");
  }

  @Test
  void aDirectoryThatAnotherServerUsesStopsTheStart(@TempDir Path directory) throws Exception {
    try (RunningShowcase first =
        RunningShowcase.start(Showcase.brokerLimits(), 0, Optional.of(directory))) {
      assertThatThrownBy(
              () ->
                  RunningShowcase.start(Showcase.brokerLimits(), 0, Optional.of(directory)).close())
          .as("beside %s", first)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("in use by another server");
    }
  }
}
