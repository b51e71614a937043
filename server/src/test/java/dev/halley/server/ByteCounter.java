package dev.halley.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a server, and counts the bytes. */
final class ByteCounter implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final AtomicLong fromClients = new AtomicLong();
  private final AtomicLong fromServer = new AtomicLong();

  ByteCounter(InetSocketAddress server) throws IOException {
    this.server = server;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    TestServer.THREADS.execute(this::accept);
  }

  /** What the {@code Host} header field says. */
  String authority() {
    return TestServer.HOST + ":" + listener.getLocalPort();
  }

  long fromClients() {
    return fromClients.get();
  }

  long fromServer() {
    return fromServer.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket socket = new Socket(server.getAddress(), server.getPort());
        TestServer.THREADS.execute(() -> pass(client, socket, fromClients));
        TestServer.THREADS.execute(() -> pass(socket, client, fromServer));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void pass(Socket from, Socket to, AtomicLong counter) {
    byte[] bytes = new byte[16 << 10];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        counter.addAndGet(count); // before anybody can have seen them
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // the other direction has ended
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
