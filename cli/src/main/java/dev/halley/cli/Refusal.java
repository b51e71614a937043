package dev.halley.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;

/** Tells refusals for good from those that are worth another try, and says why in few words. */
final class Refusal {
  private Refusal() {}

  /** Whether the same request may succeed later. */
  static boolean isPassing(int status) {
    return switch (status) {
      case 408, 425, 429, 500, 502, 503, 504 -> true;
      default -> false;
    };
  }

  /** The server's own words for a refusal, or the status if it has none. */
  static String reason(int status, String body) {
    try {
      String error = WireJson.required(WireJson.object(body), "error");
      return WireJson.required(WireJson.object(error), "message") + " (" + status + ")";
    } catch (IOException e) {
      return "the server answered with " + status;
    }
  }

  /**
   * What a refusal means.
   *
   * @throws CommandException if it is for good
   */
  static IOException of(int status, String body) {
    String reason = reason(status, body);
    if (!isPassing(status)) {
      throw CommandException.failure(reason);
    }
    return new IOException(reason);
  }

  /** Why a connection failed. */
  static String reason(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "the host has no address";
      }
    }
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection in time";
    }
    if (failure instanceof ConnectException) {
      return "connection refused";
    }
    if (failure instanceof HttpTimeoutException) {
      return "no answer in time";
    }
    if (failure instanceof ClosedChannelException || failure.getMessage() == null) {
      return "connection closed";
    }
    return failure.getMessage();
  }
}
