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
    // A client of its own each time: it is rare, and leaves nothing open behind.
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      bytes.complete(fetch(client));
    } catch (IOException | RuntimeException e) {
      bytes.completeExceptionally(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      bytes.completeExceptionally(e);
    } finally {
      client.shutdownNow();
    }
  }

  private byte[] fetch(HttpClient client) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url).header("Accept", "application/json").timeout(PATIENCE).build();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
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
