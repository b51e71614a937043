package dev.halley.cli.chaos;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Strangers, each on a connection and a virtual thread of its own. They stay until the crowd is
 * dispersed, whatever they wait for.
 */
final class Crowd {
  /** What one stranger does. */
  interface Deed {
    void on(Wire wire, int index) throws IOException, InterruptedException;
  }

  private final InetSocketAddress server;
  private final Random random;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final List<Thread> strangers = new ArrayList<>();
  private final Map<String, AtomicLong> seen = new ConcurrentHashMap<>();
  private volatile boolean isOver;

  Crowd(InetSocketAddress server, Random random) {
    this.server = server;
    this.random = random;
  }

  /** Chance; for the thread that made the crowd. */
  Random random() {
    return random;
  }

  boolean isOver() {
    return isOver;
  }

  /** Lets so many strangers come, each of whom does this once and then waits for the end. */
  void send(int count, Deed deed) {
    for (int i = 0; i < count; i++) {
      int index = i;
      strangers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    if (!isOver) {
                      live(deed, index);
                    }
                  }));
    }
  }

  /** Lets so many strangers come, each of whom does this again and again on new connections. */
  void sendAgainAndAgain(int count, Deed deed) {
    for (int i = 0; i < count; i++) {
      int index = i;
      strangers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!isOver) {
                      live(deed, index);
                    }
                  }));
    }
  }

  private void live(Deed deed, int index) {
    Socket socket = new Socket();
    sockets.add(socket);
    try (Wire wire = new Wire(socket, server, (int) TimeUnit.MINUTES.toMillis(2))) {
      deed.on(wire, index);
    } catch (IOException e) {
      saw(isOver ? "stayed to the end" : "connection ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(socket);
    }
  }

  /** Counts what a stranger was answered. */
  void saw(String what) {
    seen.computeIfAbsent(what, unused -> new AtomicLong()).incrementAndGet();
  }

  /** What strangers saw, in words. */
  String report() {
    StringBuilder words = new StringBuilder();
    seen.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry ->
                words
                    .append(words.isEmpty() ? "" : ", ")
                    .append(entry.getValue())
                    .append(" × ")
                    .append(entry.getKey()));
    return words.toString();
  }

  /** Ends all connections, and waits until every stranger has gone. */
  void disperse() throws InterruptedException {
    isOver = true;
    for (Thread stranger : strangers) {
      while (!stranger.join(Duration.ofMillis(20))) {
        for (Socket socket : sockets) {
          try {
            socket.close();
          } catch (IOException e) {
            // is over all the same
          }
        }
        stranger.interrupt();
      }
    }
  }
}
