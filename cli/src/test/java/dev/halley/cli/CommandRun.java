package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * What one command line did.
 *
 * @param exitCode what the process would have ended with
 * @param out the lines on standard output
 * @param err the lines on standard error
 */
record CommandRun(int exitCode, List<String> out, List<String> err) {
  /** Runs a command line without environment or input. */
  static CommandRun of(String... arguments) {
    return of(Map.of(), "", arguments);
  }

  /** Runs a command line. */
  static CommandRun of(Map<String, String> environment, String input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintStream(out, false, UTF_8),
            new PrintStream(err, true, UTF_8));
    int exitCode = new Halley(environment, terminal).run(arguments);
    terminal.out().flush();
    return new CommandRun(
        exitCode, out.toString(UTF_8).lines().toList(), err.toString(UTF_8).lines().toList());
  }
}
