package dev.halley.server.access;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Fetches the bytes of a key set, in bounded time and of bounded size, from nowhere else. */
final class KeySetFetcher implements Supplier<CompletableFuture<byte[]>> {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int LARGEST = 256 << 10;
  private static final int OK = 200;

  private final URI url;

  KeySetFetcher(URI url) {
    this.url = url;
  }

  @Override
  public CompletableFuture<byte[]> get() {
    CompletableFuture<byte[]> bytes = new CompletableFuture<>();
    Thread thread = Thread.ofVirtual().name("halley-key-set").start(() -> complete(bytes));
    return bytes
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .whenComplete((value, cause) -> thread.interrupt());
  }

  private void complete(CompletableFuture<byte[]> bytes) {
    try {
      bytes.complete(fetch());
    } catch (Throwable e) {
      bytes.completeExceptionally(e); // whatever it is: somebody waits for it
    }
  }

  private byte[] fetch() throws IOException, InterruptedException {
    // A client of its own each time: it is rare, and leaves nothing open behind.
    HttpClient client =
        HttpClient.newBuilder()
            // Without TLS the JDK would ask for an upgrade, which not every server understands.
            .version(isEncrypted() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      return fetch(client);
    } finally {
      client.shutdownNow();
    }
  }

  private boolean isEncrypted() {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  private byte[] fetch(HttpClient client) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header("Accept", "application/jwk-set+json, application/json") // RFC 7517 section 8.5
            .header("User-Agent", "Halley")
            .timeout(PATIENCE)
            .build();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() / 100 == 3) {
        throw new IOException("it redirects, which isn't followed: set jwks to where it is");
      }
      if (response.statusCode() != OK) {
        throw new IOException("the status is " + response.statusCode());
      }
      byte[] read = body.readNBytes(LARGEST + 1);
      if (read.length > LARGEST) {
        throw new IOException("it has more than " + LARGEST + " bytes");
      }
      return read;
    }
  }
}
