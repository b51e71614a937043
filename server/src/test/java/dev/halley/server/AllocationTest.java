package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.halley.broker.MemoryBroker;
import dev.halley.broker.Payload;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Bytes that the event loop allocates for a message, and objects that a waiting poll keeps, counted
 * by the JVM: the guard of what makes the hot paths fast, and no matter of time. In a JVM of its
 * own, where Netty doesn't look for leaks.
 */
class AllocationTest {
  private static final int WARM_UP = 30_000;
  private static final int MEASURED = 10_000;
  private static final int ROUNDS = 4;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
  private final List<Socket> sockets = new ArrayList<>();
  private HalleyServer server;
  private long loopId;

  @BeforeEach
  void start() throws IOException {
    List<Long> before = threads();
    server =
        HalleyServer.start(
            TestServer.config()
                .withNetwork(new Network("127.0.0.1", 0, Io.AUTO, 1))
                .withEchoPath("/echo"),
            broker);
    connect("/echo");
    List<Long> after = new ArrayList<>(threads());
    after.removeAll(before);
    loopId =
        after.stream()
            .filter(id -> THREADS.getThreadInfo(id).getThreadName().startsWith("halley-loop"))
            .findFirst()
            .orElseThrow();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
    broker.close();
  }

  @Test
  void aParkedPollKeepsNeitherChannelNorHead() throws Exception {
    int polls = 300;
    for (int i = 0; i < polls; i++) {
      Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
      sockets.add(socket);
      String head = "GET /channels/a?since=latest&wait=30 HTTP/1.1\r\nHost: a\r\nX-N: " + i;
      socket.getOutputStream().write((head + "\r\n\r\n").getBytes(UTF_8));
    }
    List<String> classes =
        List.of(
            "dev.halley.server.connection.EpollConnection",
            "io.netty.channel.epoll.EpollSocketChannel",
            "io.netty.handler.codec.http.DefaultHttpHeaders");
    TestServer.await(() -> live(classes.getFirst()) >= polls);
    assertThat(live(classes.get(1))).isLessThan(polls / 10);
    assertThat(live(classes.get(2))).isLessThan(polls / 2);
  }

  /** How many objects of a class there are after a collection. */
  private static long live(String className) throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(columns -> columns.length > 3 && columns[3].equals(className))
        .mapToLong(columns -> Long.parseLong(columns[1]))
        .sum();
  }

  private static List<Long> threads() {
    return Arrays.stream(THREADS.getAllThreadIds()).boxed().toList();
  }

  @Test
  void anEchoAllocatesNextToNothing() throws IOException {
    Socket socket = sockets.getFirst();
    OutputStream out = socket.getOutputStream();
    DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    byte[] frame = new byte[6 + 20];
    frame[0] = (byte) 0x82;
    frame[1] = (byte) (0x80 | 20);
    byte[] echo = new byte[2 + 20];
    Runnable exchange =
        () -> {
          try {
            out.write(frame);
            in.readFully(echo);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        };
    assertThat(bytesPerRun(exchange)).isLessThan(64);
  }

  @Test
  void aDeliveryAllocatesNextToNothing() throws IOException {
    int subscribers = 50;
    List<DataInputStream> inputs = new ArrayList<>();
    for (int i = 0; i < subscribers; i++) {
      Socket socket = connect("/channels/guard?since=latest");
      inputs.add(new DataInputStream(new BufferedInputStream(socket.getInputStream())));
    }
    byte[] frame = new byte[2 + 64];
    Payload payload = Payload.text("x".repeat(64));
    Runnable publish =
        () -> {
          try {
            broker.publish("guard", payload, Optional.empty());
            for (DataInputStream input : inputs) {
              input.readFully(frame);
            }
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        };
    assertThat(bytesPerRun(publish, WARM_UP / 20, MEASURED / 20) / subscribers).isLessThan(16);
  }

  private double bytesPerRun(Runnable run) {
    return bytesPerRun(run, WARM_UP, MEASURED);
  }

  /** The least of some rounds: the compiler, which takes away much, comes when it has time. */
  private double bytesPerRun(Runnable run, int warmUp, int measured) {
    for (int i = 0; i < warmUp; i++) {
      run.run();
    }
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      long before = THREADS.getThreadAllocatedBytes(loopId);
      for (int i = 0; i < measured; i++) {
        run.run();
      }
      long allocated = THREADS.getThreadAllocatedBytes(loopId) - before;
      least = Math.min(least, (double) allocated / measured);
    }
    return least;
  }

  /** A WebSocket, after its handshake. */
  private Socket connect(String target) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setTcpNoDelay(true);
    socket.connect(server.address());
    String request =
        "GET "
            + target
            + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(UTF_8));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).as("%s", head).isNotNegative();
      head.append((char) next);
    }
    assertThat(head).startsWith("HTTP/1.1 101");
    return socket;
  }
}
