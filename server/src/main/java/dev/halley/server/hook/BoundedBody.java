package dev.halley.server.hook;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** An answer's bytes, of which no more are read than it may have. */
final class BoundedBody implements BodySubscriber<byte[]> {
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private final byte[] bytes;
  private int length;
  private @Nullable Subscription subscription;

  /**
   * @param most bytes; with more it fails
   */
  BoundedBody(int most) {
    bytes = new byte[most];
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Subscription begun) {
    subscription = begun;
    begun.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      if (part.remaining() > bytes.length - length) {
        if (subscription != null) {
          subscription.cancel();
        }
        body.completeExceptionally(
            new HookFailure("the answer has more than " + bytes.length + " bytes", false));
        return;
      }
      int count = part.remaining();
      part.get(bytes, length, count);
      length += count;
    }
  }

  @Override
  public void onError(Throwable cause) {
    body.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    body.complete(Arrays.copyOf(bytes, length));
  }
}
