package dev.halley.cli.chaos;

import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;

/** What strangers do who know no key, over HTTP/1.1 and WebSockets. None of it ends by itself. */
final class Strangers {
  private static final int COMMAND = 8 << 20;
  private static final String PART = "x".repeat(1 << 16);
  private static final String CHUNKS = "1\r\nx\r\n".repeat(10_000);
  private static final String V1 = "Sec-WebSocket-Protocol: halley.v1\r\n";
  private static final String DEFLATE =
      "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n";

  private Strangers() {}

  /** Commands of {@code halley.v1} that are as large as may be, and never end. */
  static void unfinishedCommands(Crowd crowd) {
    crowd.send(
        30 + crowd.random().nextInt(30),
        (wire, index) -> {
          wire.upgrade("/channels", V1);
          crowd.saw("upgrade answered with " + wire.head().status());
          wire.send(Wire.frame(Wire.TEXT, COMMAND));
          for (int sent = PART.length(); sent < COMMAND; sent += PART.length()) {
            wire.send(PART);
          }
          wire.drain();
        });
  }

  /** Bodies as large as may be, that never end. */
  static void unfinishedBodies(Crowd crowd) {
    crowd.send(
        30 + crowd.random().nextInt(30),
        (wire, index) -> {
          wire.send(
              "POST /channels/body%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                  .formatted(index, COMMAND));
          for (int sent = PART.length(); sent < COMMAND; sent += PART.length()) {
            wire.send(PART);
          }
          crowd.saw("body answered with " + wire.answer().status());
        });
  }

  /** Bodies of chunks of one byte. */
  static void oneByteChunks(Crowd crowd) {
    crowd.sendAgainAndAgain(
        6,
        (wire, index) -> {
          wire.send(
              "POST /channels/chunks%d HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  .formatted(index));
          for (int i = 0; i < 80; i++) {
            wire.send(CHUNKS);
          }
          wire.send("0\r\n\r\n");
          crowd.saw("chunks answered with " + wire.answer().status());
        });
  }

  /** Batches of hundreds of thousands of entries. */
  static void hugeBatches(Crowd crowd) {
    String entries = "{\"channel\":\"batch\",\"data\":1},".repeat(280_000);
    String batch = "[" + entries.substring(0, entries.length() - 1) + "]";
    crowd.sendAgainAndAgain(
        4,
        (wire, index) -> {
          wire.post("/publish", "", batch);
          crowd.saw("batch answered with " + wire.answer().status());
        });
  }

  /** Batches of many channels, each of which becomes one of its own. */
  static void manyChannels(Crowd crowd) {
    crowd.sendAgainAndAgain(
        4,
        (wire, index) -> {
          for (int i = 0; i < 200; i++) {
            String entry =
                "{\"channel\":\"k%d.%d\",\"data\":\"%s\"},"
                    .formatted(index, i, PART.substring(0, 100));
            String entries = entry.repeat(500);
            wire.post("/publish", "", "[" + entries.substring(0, entries.length() - 1) + "]");
            crowd.saw("batch answered with " + wire.answer().status());
          }
        });
  }

  /** JSON that is deeper, has longer numbers and longer keys than anybody means. */
  static void oddJson(Crowd crowd) {
    String[] bodies = {
      "[".repeat(1_000_000),
      "{\"a\":".repeat(200_000),
      "1".repeat(1_000_000),
      "{\"" + "k".repeat(1_000_000) + "\":1}",
      "\"" + "\\u0000".repeat(160_000) + "\"",
    };
    crowd.sendAgainAndAgain(
        4,
        (wire, index) -> {
          for (String body : bodies) {
            wire.post("/channels/json", "Content-Type: application/json\r\n", body);
            crowd.saw("JSON answered with " + wire.answer().status());
          }
        });
    crowd.sendAgainAndAgain(
        4,
        (wire, index) -> {
          wire.upgrade("/channels", V1);
          crowd.saw("upgrade answered with " + wire.head().status());
          for (String body : bodies) {
            wire.text("{\"id\":1,\"op\":\"publish\",\"channel\":\"json\",\"data\":" + body + "}");
            wire.text();
          }
        });
  }

  /** Commands of some kilobytes that inflate to the largest ones. */
  static void bombs(Crowd crowd) {
    byte[] bomb = deflated("{\"op\":\"" + "x".repeat(COMMAND - 64) + "\"}");
    byte[] entries = deflated("{\"op\":[" + "1,".repeat((COMMAND - 64) / 2) + "1]}");
    crowd.sendAgainAndAgain(
        10,
        (wire, index) -> {
          wire.upgrade("/channels", V1 + DEFLATE);
          crowd.saw("upgrade answered with " + wire.head().status());
          byte[] message = index % 2 == 0 ? bomb : entries;
          for (int i = 0; i < 20; i++) {
            wire.send(Wire.frame(0x40 | Wire.TEXT, message.length));
            wire.send(message);
          }
          wire.drain();
        });
  }

  private static byte[] deflated(String text) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    deflater.setInput(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    byte[] buffer = new byte[1 << 16];
    int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
    deflater.end();
    // What each compressed message ends with isn't sent (RFC 7692, section 7.2.1).
    return java.util.Arrays.copyOf(buffer, length - 4);
  }

  /** Reads of channels that nobody has ever heard of, 128 at a time. */
  static void unknownChannels(Crowd crowd) {
    int salt = crowd.random().nextInt(1_000_000);
    crowd.sendAgainAndAgain(
        4,
        (wire, index) -> {
          for (int i = 0; i < 250; i++) {
            String prefix = "z" + salt + "." + index + "." + i + ".";
            wire.get("/channels/" + names(prefix), "");
            crowd.saw("unknown channels answered with " + wire.answer().status());
          }
        });
  }

  private static String names(String prefix) {
    return IntStream.range(0, 128).mapToObj(i -> prefix + i).collect(Collectors.joining(","));
  }

  /** Long polls, more than anybody needs. */
  static void parkedPolls(Crowd crowd) {
    crowd.send(
        400,
        (wire, index) -> {
          while (!crowd.isOver()) {
            wire.get("/channels/nothing" + index % 7 + "?since=latest&wait=60", "");
            crowd.saw("poll answered with " + wire.answer().status());
          }
        });
  }

  /** Streams of a busy channel, by readers who read nothing. */
  static void slowReaders(Crowd crowd, String credentials) {
    crowd.send(
        30,
        (wire, index) -> {
          wire.get("/channels/loud?since=earliest", "Accept: text/event-stream\r\n");
          Thread.sleep(60_000);
        });
    crowd.send(
        30,
        (wire, index) -> {
          wire.upgrade("/channels/loud?since=earliest", index % 2 == 0 ? DEFLATE : "");
          Thread.sleep(60_000);
        });
    String loud = PART.repeat(4);
    crowd.send(
        1,
        (wire, index) -> {
          while (!crowd.isOver()) {
            wire.post("/channels/loud", credentials, loud);
            crowd.saw("large publication answered with " + wire.answer().status());
          }
        });
  }

  /** Connections, as many as there can be, most of which say nothing or half of something. */
  static void flood(Crowd crowd) {
    crowd.send(
        700,
        (wire, index) -> {
          switch (index % 3) {
            case 0 -> wire.get("/channels/flood?wait=60&since=latest", "");
            case 1 -> wire.send("GET /channels/flood HTTP/1.1\r\nHos");
            default -> {
              // says nothing
            }
          }
          crowd.saw("connected");
          wire.drain();
        });
  }

  /** Connections that come and go, by all manners of going. */
  static void churn(Crowd crowd) {
    long seed = crowd.random().nextLong();
    crowd.sendAgainAndAgain(
        24,
        (wire, index) -> {
          Random random = new Random(seed + index + System.nanoTime());
          String channel = "/channels/churn" + random.nextInt(50);
          switch (random.nextInt(5)) {
            case 0 -> wire.get(channel + "?since=latest&wait=60", "");
            case 1 -> wire.get(channel, "Accept: text/event-stream\r\n");
            case 2 -> wire.upgrade(channel, random.nextBoolean() ? V1 : "");
            case 3 -> wire.post(channel, "", "hello");
            default ->
                wire.send(
                    "POST " + channel + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n");
          }
          wire.patience(1 + random.nextInt(200));
          switch (random.nextInt(3)) {
            case 0 -> wire.drain();
            case 1 -> wire.reset();
            default -> wire.halfClose();
          }
          crowd.saw("came and went");
        });
  }

  /** Streams whose clients are half gone: they have said that they will send nothing more. */
  static void halfOpen(Crowd crowd) {
    crowd.send(
        200,
        (wire, index) -> {
          String channel = "/channels/half" + index % 5;
          switch (index % 4) {
            case 0 -> wire.get(channel, "Accept: text/event-stream\r\n");
            case 1 -> wire.upgrade(channel, V1);
            case 2 -> wire.get(channel + "?wait=60&since=latest", "");
            default -> wire.send("GET " + channel);
          }
          wire.halfClose();
          wire.drain();
        });
  }

  /** Streams and publications that an application, or a key, must allow. */
  static void askForMuch(Crowd crowd, String credentials) {
    crowd.sendAgainAndAgain(
        40,
        (wire, index) -> {
          String channel = "/channels/asked" + index;
          switch (index % 3) {
            case 0 -> wire.get(channel, "Accept: text/event-stream\r\n" + credentials);
            case 1 -> wire.upgrade(channel, V1 + credentials);
            default -> wire.post(channel, credentials, "hello");
          }
          crowd.saw("asking answered with " + wire.head().status());
          Thread.sleep(20);
        });
  }

  /** A token that nobody has signed, of a key that nobody knows. */
  static String token(Random random) {
    String header =
        "{\"alg\":\"ES256\",\"kid\":\"%x\"}".formatted(random.nextLong()).toLowerCase(Locale.ROOT);
    java.util.Base64.Encoder base64 = java.util.Base64.getUrlEncoder().withoutPadding();
    byte[] signature = new byte[64];
    random.nextBytes(signature);
    return base64.encodeToString(header.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        + "."
        + base64.encodeToString(
            "{\"sub\":\"x\"}".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        + "."
        + base64.encodeToString(signature);
  }

  /** Requests with tokens whose keys have to be fetched. */
  static void unknownTokens(Crowd crowd) {
    long seed = crowd.random().nextLong();
    crowd.sendAgainAndAgain(
        20,
        (wire, index) -> {
          Random random = new Random(seed + index + System.nanoTime());
          wire.get("/channels/a", "Authorization: Bearer " + token(random) + "\r\n");
          crowd.saw("token answered with " + wire.answer().status());
          Thread.sleep(20);
        });
  }
}
