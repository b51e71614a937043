package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/**
 * How fast WebSocket frames pass nothing, socat, nginx and the tap, one after the other in one run:
 * {@code inspector/src/test/sh/throughput}. Never part of the build.
 */
public final class ThroughputReport {
  private static final String REQUEST =
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  private static final String ANSWER =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  private static final int ROUND_TRIPS = 5000;
  private static final int ROUNDS = 3;

  private ThroughputReport() {}

  /** {@code megabytes}, or {@code tap port [pcapng]} for the process that is measured. */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("tap")) {
      tap(Integer.parseInt(arguments[1]), Arrays.stream(arguments).skip(2).findFirst());
    } else {
      measure(Integer.parseInt(arguments[0]));
    }
  }

  private static void tap(int port, Optional<String> file) throws Exception {
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    TapLog log = new TapLog(16 << 10, 32 << 20);
    Optional<PcapngFile> pcapng = Optional.empty();
    if (file.isPresent()) {
      pcapng = Optional.of(PcapngFile.create(Path.of(file.get()), false));
    }
    TapConfig config = new TapConfig(anywhere, "127.0.0.1", port, false, false, 4096, false);
    Tap tap = Tap.start(config, log, pcapng, InstantSource.system());
    System.out.println(tap.address().getPort());
    new CountDownLatch(1).await();
  }

  private static void measure(int megabytes) throws Exception {
    Path directory = Files.createTempDirectory("halley-throughput");
    for (String kind :
        new String[] {
          "binary frames of 64 KiB", "text frames of 1 KiB", "binary frames of 100 B"
        }) {
      byte[] block = block(kind);
      System.out.printf(Locale.ROOT, "%n%s, %d MiB to the client, MiB/s%n", kind, megabytes);
      for (int round = 0; round < ROUNDS; round++) {
        StringBuilder line = new StringBuilder();
        for (String via : new String[] {"direct", "socat", "nginx", "tap", "tap+pcapng"}) {
          try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
              Via proxy = Via.start(via, server.getLocalPort(), directory)) {
            double rate = transfer(server, proxy.port(), block, megabytes);
            long[] trips = roundTrips(server, proxy.port());
            line.append(
                String.format(
                    Locale.ROOT,
                    "  %s %.0f (round trip µs: p50 %d, p99 %d)",
                    via,
                    rate,
                    trips[trips.length / 2] / 1000,
                    trips[trips.length * 99 / 100] / 1000));
          }
        }
        System.out.println(line);
      }
    }
  }

  /** About a mebibyte of frames. */
  private static byte[] block(String kind) {
    int size = kind.contains("64 KiB") ? 65_536 : kind.contains("1 KiB") ? 1024 : 100;
    boolean text = kind.startsWith("text");
    int header = size < 126 ? 2 : size < 65_536 ? 4 : 10;
    Random random = new Random(1);
    byte[] block = new byte[(1 << 20) / (header + size) * (header + size)];
    for (int at = 0; at < block.length; at += header + size) {
      block[at] = (byte) (text ? 0x81 : 0x82);
      block[at + 1] = (byte) (header == 2 ? size : header == 4 ? 126 : 127);
      for (int i = 2; i < header; i++) {
        block[at + i] = (byte) (header - 1 - i < 4 ? size >>> (8 * (header - 1 - i)) : 0);
      }
      for (int i = 0; i < size; i++) {
        block[at + header + i] = (byte) (text ? 'a' + i % 26 : random.nextInt());
      }
    }
    return block;
  }

  /** Server to client, as most of a push server's traffic. */
  private static double transfer(ServerSocket server, int port, byte[] block, int megabytes)
      throws Exception {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket accepted = server.accept()) {
      handshake(client, accepted);
      long begin = System.nanoTime();
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      OutputStream out = accepted.getOutputStream();
                      for (int i = 0; i < megabytes; i++) {
                        out.write(block);
                      }
                      accepted.shutdownOutput();
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      InputStream in = client.getInputStream();
      byte[] buffer = new byte[256 << 10];
      long total = 0;
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        total += count;
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      sender.join();
      if (total != (long) block.length * megabytes) {
        throw new AssertionError("only " + total + " bytes arrived");
      }
      return total / seconds / (1 << 20);
    }
  }

  private static long[] roundTrips(ServerSocket server, int port) throws Exception {
    byte[] frame = Arrays.copyOf(new byte[] {(byte) 0x82, 98}, 100);
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket accepted = server.accept()) {
      client.setTcpNoDelay(true);
      accepted.setTcpNoDelay(true);
      handshake(client, accepted);
      DataInputStream up = new DataInputStream(accepted.getInputStream());
      DataInputStream down = new DataInputStream(client.getInputStream());
      Thread echo =
          Thread.ofPlatform()
              .start(
                  () -> {
                    byte[] copy = new byte[frame.length];
                    try {
                      for (int i = 0; i < ROUND_TRIPS; i++) {
                        up.readFully(copy);
                        accepted.getOutputStream().write(copy);
                      }
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      long[] nanos = new long[ROUND_TRIPS];
      byte[] copy = new byte[frame.length];
      for (int i = 0; i < ROUND_TRIPS; i++) {
        long begin = System.nanoTime();
        client.getOutputStream().write(frame);
        down.readFully(copy);
        nanos[i] = System.nanoTime() - begin;
      }
      echo.join();
      Arrays.sort(nanos);
      return nanos;
    }
  }

  private static void handshake(Socket client, Socket accepted) throws IOException {
    client.getOutputStream().write(REQUEST.getBytes(UTF_8));
    new DataInputStream(accepted.getInputStream()).readFully(new byte[REQUEST.length()]);
    accepted.getOutputStream().write(ANSWER.getBytes(UTF_8));
    new DataInputStream(client.getInputStream()).readFully(new byte[ANSWER.length()]);
  }

  /** What the bytes pass on their way. */
  private record Via(int port, Optional<Process> process) implements AutoCloseable {
    static Via start(String name, int target, Path directory) throws Exception {
      if (name.equals("direct")) {
        return new Via(target, Optional.empty());
      }
      if (name.startsWith("tap")) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // As the launcher does on a JDK that wants to be told.
        if (Runtime.version().feature() >= 23) {
          command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(ThroughputReport.class.getName(), "tap", String.valueOf(target)));
        if (name.endsWith("pcapng")) {
          command.add(directory.resolve("t.pcapng").toString());
        }
        Process process = run(command);
        BufferedReader lines = process.inputReader(UTF_8);
        return new Via(Integer.parseInt(lines.readLine()), Optional.of(process));
      }
      int port = freePort();
      return name.equals("socat") ? socat(port, target) : nginx(port, target, directory);
    }

    private static int freePort() throws IOException {
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      }
    }

    private static Via socat(int port, int target) throws IOException {
      List<String> command =
          List.of(
              "socat",
              "-d",
              "-d",
              "-b65536",
              "TCP-LISTEN:" + port + ",bind=127.0.0.1,fork,reuseaddr,nodelay",
              "TCP:127.0.0.1:" + target + ",nodelay");
      return startedWhen("listening on", port, command);
    }

    private static Via nginx(int port, int target, Path directory) throws IOException {
      Path module = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");
      String load = Files.exists(module) ? "load_module " + module + ";\n" : "";
      Path file = directory.resolve("nginx.conf");
      Files.writeString(
          file,
          load
              + """
              daemon off;
              worker_processes 1;
              pid %s/nginx.pid;
              error_log stderr notice;
              events {}
              stream {
                server {
                  listen 127.0.0.1:%d;
                  proxy_pass 127.0.0.1:%d;
                  proxy_buffer_size 64k;
                  tcp_nodelay on;
                }
              }
              """
                  .formatted(directory, port, target));
      List<String> command =
          List.of("nginx", "-e", "stderr", "-p", directory.toString(), "-c", file.toString());
      return startedWhen("start worker process ", port, command);
    }

    private static Process run(List<String> command) throws IOException {
      return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** What it says on standard error tells when it listens; the rest of that is of no use. */
    private static Via startedWhen(String said, int port, List<String> command) throws IOException {
      Process process = new ProcessBuilder(command).start();
      BufferedReader lines = process.errorReader(UTF_8);
      List<String> before = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        before.add(line);
        if (line.contains(said)) {
          Thread.ofVirtual().start(() -> drain(lines));
          return new Via(port, Optional.of(process));
        }
      }
      throw new IOException(command.getFirst() + " doesn't listen: " + before);
    }

    private static void drain(Reader from) {
      try {
        from.transferTo(Writer.nullWriter());
      } catch (IOException e) {
        // It has ended.
      }
    }

    @Override
    public void close() {
      if (process.isPresent()) {
        process.get().descendants().forEach(ProcessHandle::destroy);
        process.get().destroy();
        process.get().onExit().join();
      }
    }
  }
}
