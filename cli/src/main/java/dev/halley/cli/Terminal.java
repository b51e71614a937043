package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and writes, in UTF-8 whatever the locale.
 *
 * @param in standard input
 * @param out standard output, buffered: whoever writes flushes
 * @param err standard error, flushed at the end of each line
 */
record Terminal(InputStream in, PrintStream out, PrintStream err) {
  private static final int BUFFER = 64 << 10;

  /** That of this process. */
  static Terminal ofProcess() {
    return new Terminal(
        System.in,
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
            false,
            UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8));
  }
}
