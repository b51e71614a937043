package dev.halley.server.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.HooksConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts to the one URL of the application, in bounded time, and to nowhere else. For any thread.
 */
final class HookClient implements AutoCloseable {
  /** The bytes of the largest answer. */
  static final int LARGEST = 16 << 10;

  /** Name of the field with the signature. */
  static final String SIGNATURE = "Halley-Signature";

  private static final String HMAC = "HmacSHA256";

  private final HooksConfig config;
  private final InstantSource clock;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("halley-hook-", 0).factory());
  private final HttpClient client;

  HookClient(HooksConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
    boolean encrypted = config.url().getScheme().equals("https");
    this.client =
        HttpClient.newBuilder()
            // Without TLS the JDK would ask for an upgrade, which not every server understands.
            .version(encrypted ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(config.tries().timeout())
            .executor(threads)
            .build();
  }

  /**
   * Posts JSON, some times if need be.
   *
   * @param body is made on another thread
   * @param reader makes sense of an answer, or throws a {@link HookFailure}
   * @return fails with a {@link HookFailure} alone
   */
  <T> CompletableFuture<T> post(Supplier<byte[]> body, Function<HttpResponse<byte[]>, T> reader) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            outcome.complete(tryHard(request(body.get()), reader));
          } catch (HookFailure e) {
            outcome.completeExceptionally(e);
          } catch (Throwable e) {
            outcome.completeExceptionally(new HookFailure(e.toString(), false));
          }
        });
    return outcome;
  }

  private HttpRequest request(byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(config.url())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("User-Agent", "Halley")
            .POST(BodyPublishers.ofByteArray(body));
    config.secret().ifPresent(it -> request.header(SIGNATURE, signature(it, body)));
    return request.build();
  }

  /** The time is signed, too, so that nobody uses what was signed once more later. */
  private String signature(String secret, byte[] body) {
    long seconds = clock.instant().getEpochSecond();
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), HMAC));
      mac.update((seconds + ".").getBytes(UTF_8));
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every JDK has " + HMAC, e);
    }
  }

  private <T> T tryHard(HttpRequest request, Function<HttpResponse<byte[]>, T> reader) {
    for (int left = config.tries().retries(); ; left--) {
      try {
        return reader.apply(send(request));
      } catch (HookFailure e) {
        if (left == 0 || !e.isWorthARetry()) {
          throw e;
        }
      }
    }
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request, head -> new BoundedBody(LARGEST));
    try {
      return sent.get(config.tries().timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw new HookFailure(
          "no answer within " + config.tries().timeout().toMillis() + " ms", true);
    } catch (InterruptedException e) {
      sent.cancel(true);
      Thread.currentThread().interrupt();
      throw new HookFailure("this server stops", false);
    }
  }

  private static HookFailure failure(Throwable cause) {
    Throwable root = cause;
    while (!(root instanceof HookFailure) && root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof HookFailure known) {
      return known;
    }
    // What an exception says may quote what was answered.
    String what =
        cause instanceof ConnectException
            ? "it can't be reached"
            : cause instanceof IOException ? "the connection failed" : "the request failed";
    return new HookFailure(
        what + " (" + cause.getClass().getSimpleName() + ")", cause instanceof IOException);
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }
}
