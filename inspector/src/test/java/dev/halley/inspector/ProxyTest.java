package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy between two sockets. */
@Timeout(600)
class ProxyTest {
  private static final int MEGABYTES = Integer.getInteger("halley.tap.megabytes", 1024);
  private static final String HANDSHAKE =
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  private static final String ANSWER =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

  private final TapLog log = new TapLog(1024, 1 << 20);
  private final ServerSocket server = listen();
  private Tap tap;

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void start() throws IOException {
    tap = Tap.start(config(server.getLocalPort()), log, Optional.empty(), InstantSource.system());
  }

  @AfterEach
  void end() throws IOException {
    tap.close();
    server.close();
  }

  private static TapConfig config(int port) {
    return new TapConfig(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        "127.0.0.1",
        port,
        false,
        false,
        TapConfig.DEFAULT_CUT,
        false);
  }

  private Socket connect() throws IOException {
    return new Socket(tap.address().getAddress(), tap.address().getPort());
  }

  private List<TapEvent> eventsUntilClosed() throws InterruptedException {
    List<TapEvent> events = new ArrayList<>();
    long cursor = 0;
    while (events.isEmpty() || !(events.getLast() instanceof TapEvent.Closed)) {
      TapLog.Batch batch = log.read(cursor, 1000, 60_000);
      events.addAll(batch.events());
      cursor = batch.next();
    }
    return events;
  }

  @Test
  void bytesOnBothSidesAreTheSameInBothDirectionsAtOnce() throws Exception {
    try (Socket client = connect();
        Socket accepted = server.accept()) {
      // A server answers what it was asked: if both began at once, the answer could come first.
      pass(HANDSHAKE, client, accepted);
      pass(ANSWER, accepted, client);
      CompletableFuture<String> sentUp = sending(client, 1);
      CompletableFuture<String> sentDown = sending(accepted, 2);
      CompletableFuture<String> gotUp = receiving(accepted);
      CompletableFuture<String> gotDown = receiving(client);

      assertThat(gotUp.get()).isEqualTo(sentUp.get());
      assertThat(gotDown.get()).isEqualTo(sentDown.get());
    }
    List<TapEvent> events = eventsUntilClosed();
    TapEvent.Closed closed = (TapEvent.Closed) events.getLast();
    assertThat(closed.toServer() + closed.toClient()).isEqualTo(tap.bytes());
    assertThat(log.totals().frames()).isGreaterThan(1000L * MEGABYTES / 64);
    // The frames are random; only what carries them has to be right.
    assertThat(events).hasSizeLessThanOrEqualTo(2 * 1024);
  }

  @Test
  void aViewerThatIsStuckHoldsNothingUpAndIsToldWhatItMissed() throws Exception {
    StuckTerminal terminal = new StuckTerminal();
    TerminalView view =
        new TerminalView(
            log,
            TapFilter.ALL,
            new TerminalView.Style(false, false, false, ZoneOffset.UTC),
            new PrintStream(terminal, true, UTF_8),
            tap::bytes);
    CompletableFuture<Void> viewing =
        CompletableFuture.runAsync(
            () -> {
              try {
                view.run(0);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            },
            command -> Thread.ofPlatform().daemon().start(command));
    byte[] thousand = thousandFrames();
    try (Socket client = connect();
        Socket accepted = server.accept()) {
      pass(HANDSHAKE, client, accepted);
      pass(ANSWER, accepted, client);
      assertThat(terminal.stuck.await(60, TimeUnit.SECONDS)).isTrue();
      CompletableFuture<String> got = receiving(client);
      for (int i = 0; i < 100; i++) {
        accepted.getOutputStream().write(thousand);
      }
      accepted.shutdownOutput();
      assertThat(got.get()).isNotEmpty();
      assertThat(viewing).isNotDone();
    }
    terminal.goesOn.countDown();
    while (log.totals().open() > 0) {
      Thread.onSpinWait();
    }
    log.end();
    viewing.get(60, TimeUnit.SECONDS);
    assertThat(terminal.shown.toString(UTF_8)).contains("events passed unseen");
  }

  /** Takes nothing until it is told to go on. */
  private static final class StuckTerminal extends OutputStream {
    final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    final CountDownLatch stuck = new CountDownLatch(1);
    final CountDownLatch goesOn = new CountDownLatch(1);

    @Override
    public void write(byte[] bytes, int offset, int length) {
      stuck.countDown();
      try {
        goesOn.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      shown.write(bytes, offset, length);
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }
  }

  private static byte[] thousandFrames() {
    byte[] frame = {(byte) 0x81, 4, 'p', 'a', 's', 's'};
    byte[] thousand = new byte[1000 * frame.length];
    for (int at = 0; at < thousand.length; at += frame.length) {
      System.arraycopy(frame, 0, thousand, at, frame.length);
    }
    return thousand;
  }

  @Test
  void memoryIsFlatWhileAMillionFramesPass() throws Exception {
    byte[] thousand = thousandFrames();
    try (Socket client = connect();
        Socket accepted = server.accept()) {
      pass(HANDSHAKE, client, accepted);
      pass(ANSWER, accepted, client);
      long before = heap();
      CompletableFuture<String> got = receiving(client);
      for (int i = 0; i < 1000; i++) {
        accepted.getOutputStream().write(thousand);
      }
      accepted.shutdownOutput();
      assertThat(got.get()).isNotEmpty();
      while (log.totals().frames() < 1_000_000) {
        // Bytes go on before they are looked at.
        Thread.onSpinWait();
      }
      assertThat(heap() - before).isLessThan(16 << 20);
    }
  }

  /** What is reachable. */
  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void pass(String text, Socket from, Socket to) throws IOException {
    from.getOutputStream().write(text.getBytes(UTF_8));
    assertThat(new String(to.getInputStream().readNBytes(text.length()), UTF_8)).isEqualTo(text);
  }

  /** Frames of random lengths and contents, not all of them right. */
  private static CompletableFuture<String> sending(Socket socket, int seed) {
    return later(
        () -> {
          Random random = new Random(seed);
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          OutputStream out = socket.getOutputStream();
          long left = (long) MEGABYTES << 19;
          while (left > 0) {
            byte[] frame = frame(random);
            out.write(frame);
            digest.update(frame);
            left -= frame.length;
          }
          socket.shutdownOutput();
          return HexFormat.of().formatHex(digest.digest());
        });
  }

  private static byte[] frame(Random random) {
    int length = random.nextInt(10) == 0 ? 1000 + random.nextInt(100_000) : random.nextInt(1000);
    byte[] payload = new byte[length];
    random.nextBytes(payload);
    int form = length < 126 ? 0 : length < 65536 ? 2 : 8;
    byte[] frame = new byte[2 + form + length];
    frame[0] = (byte) (0x81 + random.nextInt(2));
    frame[1] = (byte) (form == 0 ? length : form == 2 ? 126 : 127);
    for (int i = 0; i < form; i++) {
      frame[1 + form - i] = (byte) (i < 4 ? length >>> (8 * i) : 0);
    }
    System.arraycopy(payload, 0, frame, 2 + form, length);
    return frame;
  }

  private static CompletableFuture<String> receiving(Socket socket) {
    return later(
        () -> {
          MessageDigest digest = MessageDigest.getInstance("SHA-256");
          InputStream in = socket.getInputStream();
          byte[] buffer = new byte[64 << 10];
          for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            digest.update(buffer, 0, count);
          }
          return HexFormat.of().formatHex(digest.digest());
        });
  }

  private interface Job {
    String run() throws Exception;
  }

  private static CompletableFuture<String> later(Job job) {
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(job.run());
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    return result.orTimeout(600, TimeUnit.SECONDS);
  }

  @Test
  void theEndOfOneDirectionLeavesTheOtherOpen() throws Exception {
    try (Socket client = connect();
        Socket accepted = server.accept()) {
      client.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(UTF_8));
      client.shutdownOutput();
      String request = new String(accepted.getInputStream().readAllBytes(), UTF_8);
      assertThat(request).startsWith("GET /");
      accepted.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\nlate".getBytes(UTF_8));
      accepted.shutdownOutput();
      assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).endsWith("late");
    }
    assertThat(eventsUntilClosed())
        .filteredOn(TapEvent.Body.class::isInstance)
        .singleElement()
        .satisfies(body -> assertThat(((TapEvent.Body) body).content().text()).isEqualTo("late"));
  }

  @Test
  void aResetIsPassedOn() throws Exception {
    try (Socket client = connect()) {
      Socket accepted = server.accept();
      client.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(UTF_8));
      assertThat(accepted.getInputStream().read()).isEqualTo('G');
      accepted.setSoLinger(true, 0);
      accepted.close();
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reset");
    }
    assertThat(eventsUntilClosed().getLast())
        .satisfies(event -> assertThat(((TapEvent.Closed) event).how()).startsWith("reset"));
  }

  @Test
  void aServerThatIsNotThereIsToldAndTheClientIsReset() throws Exception {
    server.close();
    try (Socket client = connect()) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
    }
    assertThat(eventsUntilClosed().getLast())
        .satisfies(
            event ->
                assertThat(((TapEvent.Closed) event).how())
                    .startsWith("the server can't be reached: "));
  }

  @Test
  void aReaderThatStopsStopsTheSenderInsteadOfFillingMemory() throws Exception {
    try (Socket client = connect();
        Socket accepted = server.accept()) {
      CompletableFuture<String> sent = sending(accepted, 3);
      assertThatThrownBy(() -> sent.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
      assertThat(tap.bytes()).isLessThan((long) MEGABYTES << 19);
      assertThat(receiving(client).get()).isEqualTo(sent.get());
    }
  }

  @Test
  void aSlowViewerIsToldWhatItMissed() throws Exception {
    TapLog small = new TapLog(4, 1 << 20);
    for (int i = 1; i <= 10; i++) {
      small.append(new TapEvent.Opened(i, 0, "c", "s"));
    }
    TapLog.Batch batch = small.read(2, 100, 0);
    assertThat(batch.missed()).isEqualTo(4);
    assertThat(batch.events()).extracting(TapEvent::connection).containsExactly(7L, 8L, 9L, 10L);
    assertThat(batch.next()).isEqualTo(10);
    assertThat(small.totals().connections()).isEqualTo(10);
  }

  @Test
  void aPortThatIsTakenIsAnError() {
    TapConfig taken =
        new TapConfig(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
            "127.0.0.1",
            1,
            false,
            false,
            4096,
            false);
    assertThatThrownBy(() -> Tap.start(taken, log, Optional.empty(), InstantSource.system()))
        .isInstanceOf(IOException.class);
  }
}
