package dev.halley.server.access;

import java.util.concurrent.CompletionStage;

/** The key for a token isn't known yet, and is being fetched: whoever asked asks again then. */
public final class KeysPendingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient CompletionStage<Void> fetch;

  KeysPendingException(CompletionStage<Void> fetch) {
    super("The keys for tokens are being fetched", null, false, false);
    this.fetch = fetch;
  }

  /** Completes when it is worth to ask again, whatever came of the fetch; never exceptionally. */
  public CompletionStage<Void> fetch() {
    return fetch;
  }
}
