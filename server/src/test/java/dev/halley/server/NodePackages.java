package dev.halley.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The JavaScript tests and the packages that they use, in the build's own directory. */
final class NodePackages {
  private static final long PATIENCE_SECONDS = 180;

  private static boolean installed;

  private NodePackages() {}

  static Path directory() {
    return Tool.build().resolve("js");
  }

  /** Copies the scripts and installs exactly what the lock file says, once for all tests. */
  static synchronized void install() throws Exception {
    if (installed) {
      return;
    }
    Files.createDirectories(directory());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Tool.js(), Files::isRegularFile)) {
      for (Path file : files) {
        copy(file);
      }
    }
    Tool.run(
        directory(),
        PATIENCE_SECONDS,
        List.of("npm", "ci", "--ignore-scripts", "--prefer-offline"));
    installed = true;
  }

  private static void copy(Path file) throws IOException {
    Files.copy(file, directory().resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
  }
}
