package dev.halley.cli;

import dev.halley.server.ServerConfig;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;

/** Says what to change when the server can't listen. */
final class BindFailure {
  private BindFailure() {}

  static CommandException explain(ServerConfig.Network network, IOException failure) {
    String host = network.host();
    int port = network.port();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
        return CommandException.failure(host + " has no address: choose another with --host");
      }
      String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (reason.contains("already in use")) {
        return CommandException.failure(
            "port " + port + " of " + host + " is taken: choose another with --port");
      }
      if (reason.contains("assign requested address")) {
        return CommandException.failure(
            host + " is not an address of this machine: choose another with --host");
      }
      if (reason.contains("permission denied")) {
        return CommandException.failure(
            "port " + port + " needs a privilege: choose one above 1023 with --port");
      }
    }
    return CommandException.failure(String.valueOf(failure.getMessage()));
  }
}
