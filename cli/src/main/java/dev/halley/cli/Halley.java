package dev.halley.cli;

import java.util.Map;
import java.util.Optional;

/** The {@code halley} command. */
final class Halley {
  private final Map<String, String> environment;
  private final Terminal terminal;

  /** A command that sees these environment variables and this terminal. */
  Halley(Map<String, String> environment, Terminal terminal) {
    this.environment = environment;
    this.terminal = terminal;
  }

  /** Runs the command line and ends the process: 0 done, 1 failed, 2 asked for wrongly. */
  public static void main(String[] arguments) {
    LogConfiguration.install();
    LogShutdown.install();
    NettyDefaults.install();
    Terminal terminal = Terminal.ofProcess();
    int exitCode = new Halley(System.getenv(), terminal).run(arguments);
    terminal.out().flush();
    System.exit(exitCode);
  }

  /** Runs one command line and returns the exit code. */
  int run(String... arguments) {
    try {
      Optional<ServeFlags> plain = ServeFlags.readPlain(arguments);
      if (plain.isPresent()) {
        return new ServeJob(environment, terminal).run(plain.get());
      }
      return Training.isMeant(arguments)
          ? Training.run()
          : new HalleyLine(environment, terminal).run(arguments);
    } catch (CommandException e) {
      terminal.err().println("halley: " + LogText.printable(String.valueOf(e.getMessage())));
      return e.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      terminal.err().println("halley: interrupted");
      return CommandException.FAILURE;
    } catch (RuntimeException e) {
      terminal.err().println("halley: this is a bug of halley's, please report it:");
      e.printStackTrace(terminal.err());
      return CommandException.FAILURE;
    }
  }
}
