package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeadThreadsTest {
  /** A process that would go on for ever without one of its threads. */
  static final class Half {
    private Half() {}

    public static void main(String[] arguments) throws InterruptedException {
      DeadThreads.endTheProcess();
      Thread request =
          Thread.ofVirtual()
              .start(
                  () -> {
                    throw new IllegalStateException("one request");
                  });
      request.join();
      Thread.ofPlatform()
          .daemon()
          .name("halley-log-expiry")
          .start(
              () -> {
                throw new OutOfMemoryError("on\npurpose");
              });
      new CountDownLatch(1).await();
    }
  }

  /** A process that has more to say of its end than a pipe holds. */
  static final class Unread {
    private Unread() {}

    public static void main(String[] arguments) throws InterruptedException {
      DeadThreads.endTheProcess();
      Thread.ofPlatform()
          .daemon()
          .name("halley-log-expiry")
          .start(
              () -> {
                throw new OutOfMemoryError("x".repeat(4 << 20));
              });
      new CountDownLatch(1).await();
    }
  }

  @Test
  void theProcessEndsThoughNobodyReadsItsStandardError() throws Exception {
    Process process = start(Unread.class, false);
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(3);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(Class<?> main, boolean oneOutput) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()))
        .redirectErrorStream(oneOutput)
        .start();
  }

  @Test
  void theProcessEndsWithALineAndACodeWhenOneOfItsThreadsDoes() throws Exception {
    Process process = start(Half.class, true);
    try {
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said).isEqualTo(3);
      assertThat(said)
          .contains(
              "halley: the thread halley-log-expiry has ended, so this process ends with 3:"
                  + " java.lang.OutOfMemoryError: on\\npurpose\n");
    } finally {
      process.destroyForcibly();
    }
  }
}
